-- title: Who was denied what
-- group: failures
-- description: Calls that were refused for want of permission, by who called, what was denied and
--   on which resource, most frequent first. Where the error names no action, the operation stands
--   in for it. A caller who tries many actions once is as telling as one who fails often. Calls
--   of all event sources are here, as far as they were converted.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param actor text default null: Part of the caller's name; all when left out
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
SELECT
  recipient_account_id AS account,
  actor,
  channel,
  coalesce(denied_action, event_name) AS action,
  denied_resource_arn,
  error_code,
  count(*) AS calls,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen,
  count(DISTINCT region) AS region_count,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses
FROM events
WHERE regexp_like(error_code, 'AccessDenied|Unauthorized|NotAuthorized|AuthorizationError')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($actor IS NULL OR position(lower($actor) IN lower(actor)) > 0)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY calls DESC, account, actor, channel, action, denied_resource_arn, error_code

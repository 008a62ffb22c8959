-- title: Calls denied for lack of permission
-- group: failures
-- description: Calls denied for lack of permission, by caller, action, and resource, most frequent first.
--   action is the IAM action that the error names, or else the operation with its service. A caller who
--   tries many actions once is as significant as a caller who fails often. Calls of all converted event
--   sources are listed.
-- param actor actor default null: Part of the caller's name; default: all
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
SELECT
  account_id AS account,
  actor,
  channel,
  event_source,
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
  AND ($account IS NULL OR account_id = $account)
  AND ($actor IS NULL OR position(lower($actor) IN lower(actor)) > 0)
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY calls DESC, account, actor, channel, event_source, action, denied_resource_arn, error_code

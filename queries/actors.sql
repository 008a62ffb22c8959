-- title: Actors, how often they call, and from where
-- group: access
-- description: One row per principal and account, busiest first: first and last seen, calls, writes, denied
--   calls, Regions, source addresses, and channels. Sessions that tasks, instances, and SDKs name
--   automatically are grouped as role/*. Sessions of people are listed separately. A denied call counts as
--   a call, and also as a write if the operation writes.
-- param actor actor default null: Part of the principal's name; default: all
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
WITH calls AS (
  SELECT
    events.*,
    actor_group AS principal,
    regexp_like(error_code, 'AccessDenied|Unauthorized|NotAuthorized|AuthorizationError') AS is_denied
  FROM events
)
SELECT
  account_id AS account,
  principal,
  user_identity_type AS identity_type,
  count(*) AS calls,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(CASE WHEN is_denied THEN 1 END) AS denied,
  count(DISTINCT event_source || '/' || event_name) AS operation_count,
  count(DISTINCT region) AS region_count,
  count(DISTINCT source_ip_address) AS source_address_count,
  string_agg(DISTINCT channel, ', ' ORDER BY channel) AS channels,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM calls
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($actor IS NULL OR position(lower($actor) IN lower(principal)) > 0)
GROUP BY account_id, principal, user_identity_type
ORDER BY calls DESC, account, principal, identity_type

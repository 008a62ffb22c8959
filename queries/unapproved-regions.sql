-- title: Activity outside approved Regions
-- group: posture
-- severity: medium
-- description: Calls in Regions that are not approved, by principal, most writes first. Global services
--   such as IAM are recorded in us-east-1. Records whose Region cannot be read are listed under unknown.
--   Sessions that tasks, instances, and SDKs name automatically are grouped as role/*.
-- param regions text: Approved Regions, comma-separated, such as eu-west-1,eu-central-1
-- reference: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
WITH calls AS (
  SELECT
    event_time,
    region,
    account_id,
    actor_group AS principal,
    channel,
    event_source,
    event_name,
    is_write,
    error_code
  FROM events
  WHERE array_has(string_to_array(replace($regions, ' ', ''), ','), region) = false
    AND ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
)
SELECT
  region,
  account_id AS account,
  principal,
  channel,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(*) AS calls,
  count(error_code) AS errors,
  string_agg(DISTINCT event_source || ' ' || event_name, ', ' ORDER BY event_source || ' ' || event_name) AS operations,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM calls
GROUP BY region, account_id, principal, channel
ORDER BY writes DESC, calls DESC, region, account, principal, channel

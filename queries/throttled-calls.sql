-- title: Throttled calls by caller, operation and hour
-- group: failures
-- description: For each hour in which a caller was throttled on an operation: how many of its calls AWS
--   throttled and how many it made in total. Quotas apply per account and Region, so the busiest caller is
--   not always the throttled one: compare the calls of others. Sessions that tasks, instances, and SDKs
--   name automatically are grouped as role/*.
-- chart: bar x=hour y=throttled series=principal
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html
WITH calls AS (
  SELECT
    date_trunc('hour', event_time) AS hour,
    account_id AS account,
    region,
    actor_group AS principal,
    event_source,
    event_name,
    regexp_like(error_code, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown') AS is_throttled
  FROM events
  WHERE ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
)
SELECT
  hour,
  account,
  region,
  principal,
  event_source,
  event_name,
  count(CASE WHEN is_throttled THEN 1 END) AS throttled,
  count(*) AS calls
FROM calls
GROUP BY hour, account, region, principal, event_source, event_name
HAVING count(CASE WHEN is_throttled THEN 1 END) > 0
ORDER BY throttled DESC, hour, account, region, principal, event_source, event_name

-- title: Most frequent errors by operation
-- group: failures
-- description: Each error code of each operation, with the number of calls, the number of actors, and when
--   it first and last occurred. Denied and throttled calls are included. Calls that succeed but place no
--   task have no error code and are not listed.
-- param limit integer default 100: Maximum number of rows to show
-- chart: bar x=error_code y=calls series=event_name
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
SELECT
  error_code,
  event_source,
  event_name,
  count(*) AS calls,
  count(DISTINCT actor) AS actor_count,
  count(DISTINCT account_id) AS account_count,
  count(DISTINCT region) AS region_count,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE error_code IS NOT NULL
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY error_code, event_source, event_name
ORDER BY calls DESC, error_code, event_source, event_name
LIMIT $limit

-- title: Activity by weekday and hour
-- group: inventory
-- description: Calls to Amazon ECS by day of the week (1 is Monday, 7 is Sunday) and hour of the day in
--   UTC, over all selected weeks, with the number of writes and the number of days with calls. Hours
--   without calls have no row.
-- param writes_only boolean default false: Exclude read-only calls
-- needs: ecs.amazonaws.com
-- chart: heatmap x=hour y=weekday series=calls
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  CAST(EXTRACT(ISODOW FROM event_time) AS BIGINT) AS weekday,
  CAST(EXTRACT(HOUR FROM event_time) AS BIGINT) AS hour,
  count(*) AS calls,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(DISTINCT actor) AS actor_count,
  count(DISTINCT date) AS day_count
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_time IS NOT NULL
  AND ($writes_only = false OR is_write)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY 1, 2
ORDER BY weekday, hour

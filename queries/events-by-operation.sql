-- title: Events by operation
-- group: inventory
-- description: Each operation of each event source with its number of calls, its share of all calls in
--   percent, its number of actors, and its number of failed calls, most frequent first. Rows without an
--   operation are records that name none, such as Insights events. access is empty for events that are not
--   API calls.
-- chart: bar x=event_name y=calls series=event_source
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
WITH operations AS (
  SELECT
    event_source,
    event_name,
    CASE WHEN is_write THEN 'write' WHEN is_write = false THEN 'read' END AS access,
    count(*) AS calls,
    count(DISTINCT actor) AS actor_count,
    count(error_code) AS errors,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen
  FROM events
  WHERE ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
  GROUP BY event_source, event_name, is_write
)
SELECT
  event_source,
  event_name,
  access,
  calls,
  round(CAST(100 * calls AS DOUBLE) / nullif(sum(calls) OVER (), 0), 2) AS share_percent,
  actor_count,
  errors,
  first_seen,
  last_seen
FROM operations
ORDER BY calls DESC, event_source, event_name, access

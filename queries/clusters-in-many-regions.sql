-- title: Clusters created in several Regions in quick succession
-- group: posture
-- severity: high
-- description: Series of CreateCluster calls by one principal of an account that reached at least
--   min_regions Regions, with at most the given number of minutes between one call and the next.
--   Cryptomining with stolen credentials often begins this way, but so does infrastructure as code that is
--   deployed to every Region: check actor and channel. Failed calls count, because they show the attempt.
--   from, until, and region select the series with a call in that range; each series is shown in full.
-- param minutes integer default 10: Maximum number of minutes between two consecutive calls of a series
-- param min_regions integer default 3: Minimum number of Regions in a series
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
WITH creations AS (
  SELECT
    events.*,
    lag(event_time) OVER (PARTITION BY account_id, actor ORDER BY event_time, event_id, record_hash) AS time_before
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'CreateCluster'
    AND coalesce(dry_run, false) = false
    AND ($account IS NULL OR account_id = $account)
),
numbered_creations AS (
  SELECT
    creations.*,
    sum(CASE WHEN to_unixtime(event_time) - to_unixtime(time_before) <= $minutes * 60 THEN 0 ELSE 1 END)
      OVER (PARTITION BY account_id, actor ORDER BY event_time, event_id, record_hash) AS series
  FROM creations
)
SELECT
  min(event_time) AS first_call,
  max(event_time) AS last_call,
  account_id AS account,
  actor,
  channel,
  count(DISTINCT region) AS region_count,
  string_agg(DISTINCT region, ', ' ORDER BY region) AS regions,
  count(*) AS calls,
  count(error_code) AS errors,
  min(source_ip_address) AS source_ip_address
FROM numbered_creations
GROUP BY account_id, actor, channel, series
HAVING count(DISTINCT region) >= $min_regions
  AND ($from IS NULL OR max(date) >= $from)
  AND ($until IS NULL OR min(date) <= $until)
  AND ($region IS NULL OR max(CASE WHEN region = $region THEN 1 ELSE 0 END) = 1)
ORDER BY region_count DESC, first_call, account, actor, channel, last_call, regions, calls

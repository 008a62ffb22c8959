-- title: Desired counts that conflict with auto scaling
-- group: scaling
-- severity: medium
-- description: Changes to the desired count that did not come from auto scaling, on services that auto
--   scaling also changes (anywhere in the history). The two overwrite each other: a pipeline that sets a
--   fixed count undoes the count that auto scaling chose. Shows the last count that auto scaling had set
--   before, and how soon and to what value it changed the count again. Instead, change the minimum and
--   maximum capacity of the scalable target, or remove the count from the pipeline.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
WITH calls AS (
  SELECT
    *,
    last_value(CASE WHEN channel = 'autoscaling' THEN requested_desired_count END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS auto_scaling_before,
    first_value(CASE WHEN channel = 'autoscaling' THEN requested_desired_count END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS auto_scaling_next,
    first_value(CASE WHEN channel = 'autoscaling' THEN to_unixtime(event_time) END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) - to_unixtime(event_time) AS seconds_to_auto_scaling
  FROM service_changes
  WHERE ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  previous_desired_count AS desired_count_before,
  requested_desired_count AS desired_count_after,
  auto_scaling_before,
  auto_scaling_next,
  seconds_to_auto_scaling,
  actor,
  channel,
  event_id
FROM calls
WHERE requested_desired_count <> coalesce(previous_desired_count, -1)
  AND event_name = 'UpdateService'
  AND channel <> 'autoscaling'
  AND coalesce(auto_scaling_before, auto_scaling_next) IS NOT NULL
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

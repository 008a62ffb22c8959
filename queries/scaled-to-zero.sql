-- title: Services scaled to zero
-- group: scaling
-- severity: low
-- description: Successful calls that set the desired count of a service to 0, so that it runs no tasks,
--   with the count before, and when and by whom it was raised again (empty if not in the history). This is
--   planned for services that are shut down at night and before a deletion; otherwise it is an outage.
--   Services that were already at 0 are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
WITH calls AS (
  SELECT
    *,
    first_value(CASE WHEN requested_desired_count > 0 THEN event_time END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS raised_at,
    first_value(CASE WHEN requested_desired_count > 0 THEN actor END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS raised_by
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
  actor,
  channel,
  raised_at,
  raised_by,
  to_unixtime(raised_at) - to_unixtime(event_time) AS seconds_at_zero,
  event_id
FROM calls
WHERE requested_desired_count = 0
  AND event_name = 'UpdateService'
  AND coalesce(previous_desired_count, 1) > 0
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

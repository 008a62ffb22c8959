-- title: Changes to the desired count, before and after
-- group: scaling
-- description: Successful UpdateService calls that changed the desired count of a service from its last
--   known value, by auto scaling (channel autoscaling), people, or pipelines. The value before is empty if
--   the history has no earlier state of the service. Service creations and calls that repeat the current
--   count are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- chart: line x=event_time y=desired_count_after series=service
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  previous_desired_count AS desired_count_before,
  requested_desired_count AS desired_count_after,
  requested_desired_count - previous_desired_count AS difference,
  actor,
  channel,
  event_id
FROM service_changes
WHERE requested_desired_count <> coalesce(previous_desired_count, -1)
  AND event_name = 'UpdateService'
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

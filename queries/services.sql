-- title: Services in the history
-- group: inventory
-- description: One row per service with the state after its last successful change: task definition,
--   desired count, launch type, when it was created, as far as the history goes back, and who changed it
--   last (this includes auto scaling: see channel). A service without changes in the history is not listed.
--   until shows the state on that day. from excludes services without changes since that day.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
WITH changes AS (
  SELECT
    events.*,
    last_value(task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), ''))
      IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS known_task_definition,
    -- for a task set this would be its own count
    last_value(CASE WHEN event_name <> 'UpdateServicePrimaryTaskSet'
        THEN coalesce(desired_count, requested_desired_count) END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS known_desired_count,
    last_value(launch_type) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS known_launch_type,
    last_value(CASE WHEN event_name IN ('CreateService', 'CreateExpressGatewayService') THEN event_time END)
      IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS created_at,
    count(*) OVER (
      PARTITION BY account_id, region, cluster_name, service_name) AS change_count,
    row_number() OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time DESC, event_id DESC, record_hash DESC) AS age
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet', 'DeleteService',
      'CreateExpressGatewayService', 'UpdateExpressGatewayService', 'DeleteExpressGatewayService')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($until IS NULL OR date <= $until)
)
SELECT
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  CASE WHEN event_name IN ('DeleteService', 'DeleteExpressGatewayService') THEN 'deleted' ELSE 'active' END AS state,
  known_task_definition AS task_definition,
  known_desired_count AS desired_count,
  known_launch_type AS launch_type,
  created_at,
  event_time AS last_change,
  event_name AS last_operation,
  change_count AS changes,
  actor,
  channel,
  event_id
FROM changes
WHERE age = 1
  AND ($from IS NULL OR date >= $from)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY account, region, cluster, service, event_id, record_hash

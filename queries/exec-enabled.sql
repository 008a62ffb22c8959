-- title: Calls that enabled ECS Exec
-- group: exec
-- severity: low
-- description: Calls that create a service or daemon or run tasks with ECS Exec enabled, and updates that
--   enable it where it was not known to be enabled. enabled_before shows the last known setting, and is
--   empty if the history has none. For services and daemons, ECS Exec reaches only tasks that start after
--   the change. Failed calls, and calls that do not change the setting, such as those of auto scaling, are
--   not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
WITH calls AS (
  SELECT
    events.*,
    lag(enable_execute_command) OVER (
      PARTITION BY account_id, region, cluster_name,
        coalesce(service_name, daemon_name, daemon_arn)
      ORDER BY event_time, event_id, record_hash) AS enabled_before
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND enable_execute_command IS NOT NULL
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  CASE WHEN event_name NOT IN ('RunTask', 'StartTask') THEN enabled_before END AS enabled_before,
  actor,
  person,
  channel,
  source_ip_address,
  event_id
FROM calls
WHERE enable_execute_command = true
  AND (event_name IN ('CreateService', 'CreateDaemon', 'RunTask', 'StartTask')
    OR coalesce(enabled_before, false) = false
      AND position('"enableExecuteCommand":true' IN replace(request_parameters, ' ', '')) > 0)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

-- title: Services and tasks with public IP addresses
-- group: posture
-- severity: medium
-- description: Calls that created or ran something with assignPublicIp ENABLED, and UpdateService calls
--   that set it on a service not known to have it, newest first. A public IP address does not mean that the
--   task is reachable: the security groups decide. Failed calls, and later calls that do not change the
--   setting, are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
WITH calls AS (
  SELECT
    events.*,
    lag(assign_public_ip) OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash) AS assigned_before
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND assign_public_ip IS NOT NULL
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
  CASE WHEN task_ids IS NOT NULL THEN array_length(task_ids) END AS task_count,
  CASE WHEN subnets IS NOT NULL THEN array_to_string(subnets, ', ') END AS subnets,
  CASE WHEN security_groups IS NOT NULL THEN array_to_string(security_groups, ', ') END AS security_groups,
  actor,
  person,
  channel,
  event_id
FROM calls
WHERE assign_public_ip = 'ENABLED'
  AND CASE
    WHEN event_name = 'UpdateService' THEN coalesce(assigned_before, 'DISABLED') = 'DISABLED'
    -- responses to calls that delete a service or move its task sets also contain its settings
    ELSE event_name IN ('CreateService', 'CreateTaskSet', 'RunTask', 'StartTask')
  END
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

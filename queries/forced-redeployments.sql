-- title: Forced redeployments
-- group: deployments
-- description: UpdateService calls with forceNewDeployment. They replace all tasks of the service even if
--   the task definition stays the same, for example to pull an image tag again or to restart. Tasks of the
--   new deployment have its deployment_id in started_by. Failed calls are listed with their error_code,
--   except denied calls, because CloudTrail omits their request.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  deployment_id,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND coalesce(dry_run, false) = false
  AND force_new_deployment = true
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

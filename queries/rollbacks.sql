-- title: Rollbacks of services
-- group: deployments
-- description: Services that returned to an older revision of the same family, in one of three ways. A call
--   deployed it. A service deployment was stopped (the record names no revisions; failed attempts have an
--   error_code). Or a later call shows an older revision that it did not request (found rolled back): ECS
--   rolled back on its own in between, because of the circuit breaker or an alarm, and the actor in that
--   row did not do it. The state before is the last state known in the whole history.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
WITH steps AS (
  SELECT
    event_time,
    date,
    account_id,
    region,
    cluster_name,
    service_name,
    CASE WHEN names_task_definition THEN 'older revision deployed' ELSE 'found rolled back' END AS kind,
    previous_task_definition_family || ':' || CAST(previous_task_definition_revision AS VARCHAR)
      AS task_definition_before,
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) AS task_definition_after,
    actor,
    channel,
    error_code,
    event_id,
    record_hash
  FROM service_changes
  WHERE event_name <> 'CreateService'
    AND task_definition_family = previous_task_definition_family
    AND task_definition_revision < previous_task_definition_revision
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
  UNION ALL
  SELECT
    event_time,
    date,
    account_id,
    region,
    cluster_name,
    service_name,
    CASE
      WHEN position('"ABORT"' IN coalesce(request_parameters, '')) > 0 THEN 'deployment stopped, without rollback'
      ELSE 'deployment stopped'
    END AS kind,
    CAST(NULL AS VARCHAR) AS task_definition_before,
    CAST(NULL AS VARCHAR) AS task_definition_after,
    actor,
    channel,
    error_code,
    event_id,
    record_hash
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'StopServiceDeployment'
    AND coalesce(dry_run, false) = false
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  kind,
  task_definition_before,
  task_definition_after,
  actor,
  channel,
  error_code,
  event_id
FROM steps
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

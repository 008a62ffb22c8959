-- title: Deregistered and deleted task definitions
-- group: task-definitions
-- description: DeregisterTaskDefinition and DeleteTaskDefinitions calls, and the services whose last known
--   state before the call was exactly that revision. Such a service keeps running and can still be scaled,
--   but no service can be created from or updated to the revision anymore. One call can delete up to ten
--   revisions: the column task_definition is then empty, and the request names the revisions.
--   services_on_it is known only for calls with a single revision. Failed calls are listed.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
WITH states AS (
  SELECT
    event_time,
    CASE WHEN event_name = 'DeleteService' THEN NULL ELSE task_definition_arn END AS task_definition_arn,
    CASE WHEN cluster_name IS NULL THEN service_name ELSE cluster_name || '/' || service_name END AS service,
    lead(event_time) OVER (
      PARTITION BY account_id, region, cluster_name, service_name ORDER BY event_time, event_id, record_hash
    ) AS next_time
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet', 'DeleteService')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
removals AS (
  SELECT *
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('DeregisterTaskDefinition', 'DeleteTaskDefinitions')
    AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
),
running AS (
  SELECT
    removals.record_hash AS removal,
    string_agg(DISTINCT states.service, ', ' ORDER BY states.service) AS services
  FROM removals
  JOIN states ON states.task_definition_arn = removals.task_definition_arn
    AND states.event_time <= removals.event_time
    AND coalesce(states.next_time > removals.event_time, true)
  GROUP BY removals.record_hash
)
SELECT
  event_time,
  account_id AS account,
  region,
  event_name,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  CASE WHEN event_name = 'DeleteTaskDefinitions' THEN request_parameters END AS request,
  running.services AS services_on_it,
  CASE WHEN failure_reasons IS NULL THEN NULL ELSE nullif(array_to_string(failure_reasons, ', '), '') END AS failures,
  actor,
  channel,
  error_code,
  event_id
FROM removals
LEFT JOIN running ON running.removal = removals.record_hash
ORDER BY event_time DESC, event_id, record_hash

-- title: Every change to a service, before and after
-- group: deployments
-- description: A ledger of services: each successful call that created, changed, or deleted a service, the
--   last known state before it, the state after it, and how many seconds that state lasted. Images are NULL
--   if the revision was registered before the history begins. For a service not seen before, a call that
--   names a task definition counts as deployed. If the task definition differs although nothing was
--   deployed, ECS rolled back on its own in between (circuit breaker or alarm). CloudTrail does not record
--   that.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- chart: timeline x=event_time y=service series=change
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
WITH changes AS (
  SELECT
    event_time,
    event_id,
    record_hash,
    date,
    account_id,
    region,
    cluster_name,
    service_name,
    event_name,
    task_definition_arn,
    task_definition_family,
    task_definition_revision,
    -- A task set other than the primary one does not change the service.
    event_name IN (
      'CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet',
      'CreateExpressGatewayService', 'UpdateExpressGatewayService'
    ) AS sets_task_definition,
    position('"taskDefinition' IN coalesce(request_parameters, '')) > 0 AS names_task_definition,
    CASE
      WHEN event_name LIKE '%ExpressGatewayService' THEN nullif(array_to_string(container_images, ', '), '')
    END AS own_images,
    -- For a task set this would be its own count.
    CASE WHEN event_name IN ('CreateService', 'UpdateService') THEN desired_count END AS desired_count,
    requested_desired_count,
    coalesce(force_new_deployment, false) AS forced,
    position('"ROLLBACK"' IN coalesce(request_parameters, '')) > 0 AS asks_for_rollback,
    actor,
    channel
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN (
      'CreateService', 'UpdateService', 'DeleteService',
      'CreateTaskSet', 'UpdateTaskSet', 'DeleteTaskSet', 'UpdateServicePrimaryTaskSet',
      'CreateExpressGatewayService', 'UpdateExpressGatewayService', 'DeleteExpressGatewayService',
      'StopServiceDeployment', 'ContinueServiceDeployment'
    )
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
known AS (
  SELECT
    *,
    last_value(CASE WHEN sets_task_definition THEN task_definition_arn END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_arn,
    last_value(CASE WHEN sets_task_definition THEN task_definition_family END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_family,
    last_value(CASE WHEN sets_task_definition THEN task_definition_revision END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_revision,
    last_value(own_images) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_images,
    last_value(desired_count) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_count,
    lead(to_unixtime(event_time)) OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
    ) - to_unixtime(event_time) AS seconds_to_next_change
  FROM changes
),
steps AS (
  SELECT
    *,
    CASE
      WHEN event_name LIKE 'Create%Service' THEN NULL
      -- A call that names no task definition does not change it: the one it shows was already in use.
      WHEN names_task_definition THEN known_arn
      ELSE coalesce(known_arn, task_definition_arn)
    END AS arn_before,
    CASE
      WHEN event_name LIKE 'Create%Service' THEN NULL
      WHEN names_task_definition THEN known_family || ':' || CAST(known_revision AS VARCHAR)
      ELSE coalesce(
        known_family || ':' || CAST(known_revision AS VARCHAR),
        task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR)
      )
    END AS task_definition_before,
    CASE
      WHEN event_name LIKE 'Delete%Service' THEN NULL
      -- The record does not name the revision that the service rolls back to.
      WHEN event_name = 'StopServiceDeployment' THEN NULL
      WHEN sets_task_definition THEN task_definition_arn
      ELSE known_arn
    END AS arn_after,
    CASE
      WHEN event_name LIKE 'Delete%Service' THEN NULL
      WHEN event_name = 'StopServiceDeployment' THEN NULL
      WHEN sets_task_definition THEN task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR)
      ELSE known_family || ':' || CAST(known_revision AS VARCHAR)
    END AS task_definition_after,
    CASE
      WHEN event_name LIKE 'Create%Service' THEN NULL
      WHEN requested_desired_count IS NULL THEN coalesce(known_count, desired_count)
      ELSE known_count
    END AS desired_count_before,
    CASE
      WHEN event_name LIKE 'Delete%Service' THEN NULL
      ELSE coalesce(desired_count, requested_desired_count, known_count)
    END AS desired_count_after,
    CASE
      WHEN event_name = 'StopServiceDeployment' THEN asks_for_rollback
      ELSE event_name IN ('UpdateService', 'UpdateServicePrimaryTaskSet')
        AND (names_task_definition OR event_name = 'UpdateServicePrimaryTaskSet')
        AND coalesce(task_definition_family = known_family AND task_definition_revision < known_revision, false)
    END AS is_rollback
  FROM known
),
revisions AS (
  SELECT task_definition_arn, max(array_to_string(container_images, ', ')) AS images
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND coalesce(dry_run, false) = false
  GROUP BY task_definition_arn
)
SELECT
  steps.event_time,
  steps.account_id AS account,
  steps.region,
  steps.cluster_name AS cluster,
  steps.service_name AS service,
  CASE
    WHEN steps.event_name LIKE 'Create%Service' THEN 'created'
    WHEN steps.event_name LIKE 'Delete%Service' THEN 'deleted'
    WHEN steps.event_name = 'CreateTaskSet' THEN 'task set created'
    WHEN steps.event_name = 'UpdateTaskSet' THEN 'task set scaled'
    WHEN steps.event_name = 'DeleteTaskSet' THEN 'task set deleted'
    WHEN steps.event_name = 'StopServiceDeployment' THEN 'deployment stopped'
    WHEN steps.event_name = 'ContinueServiceDeployment' THEN 'deployment hook answered'
    WHEN steps.is_rollback THEN 'rolled back'
    WHEN steps.event_name = 'UpdateServicePrimaryTaskSet' THEN 'deployed'
    WHEN steps.names_task_definition
      AND steps.task_definition_after <> coalesce(steps.task_definition_before, '') THEN 'deployed'
    WHEN steps.own_images <> coalesce(steps.known_images, '') THEN 'deployed'
    WHEN steps.forced THEN 'forced'
    WHEN steps.requested_desired_count <> coalesce(steps.desired_count_before, -1) THEN 'scaled'
    ELSE 'reconfigured'
  END AS change,
  steps.task_definition_before,
  steps.task_definition_after,
  coalesce(before.images, CASE WHEN steps.event_name LIKE '%ExpressGatewayService' THEN steps.known_images END)
    AS images_before,
  coalesce(after.images, steps.own_images) AS images_after,
  steps.desired_count_before,
  steps.desired_count_after,
  steps.forced,
  steps.is_rollback AS rollback,
  steps.actor,
  steps.channel,
  steps.seconds_to_next_change,
  steps.event_id
FROM steps
LEFT JOIN revisions AS before ON before.task_definition_arn = steps.arn_before
LEFT JOIN revisions AS after ON after.task_definition_arn = steps.arn_after
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

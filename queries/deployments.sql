-- title: Who deployed what, and when
-- group: deployments
-- description: Each call that creates, changes, or deletes a service, newest first, with the task
--   definition, its images, the desired count, the caller, and the channel. images is empty if the task
--   definition was registered before the history begins. Failed calls are listed with their error_code.
--   CloudTrail omits the request of a denied call, so cluster and service are then those that the error
--   names. Calls that do not change the task definition, such as those of auto scaling, show the one in
--   use. Task sets (blue/green deployments by CodeDeploy) and Express Mode services are in
--   deployment-ledger.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
WITH registrations AS (
  SELECT
    account_id || '/' || region || '/' || task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR)
      AS registered,
    max(array_to_string(container_images, ', ')) AS images
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND coalesce(dry_run, false) = false
  GROUP BY 1
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  images,
  force_new_deployment AS forced,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  actor,
  channel,
  error_code,
  event_id
FROM events
LEFT JOIN registrations ON registered = account_id || '/' || region || '/' || task_definition_family || ':'
  || CAST(task_definition_revision AS VARCHAR)
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('CreateService', 'UpdateService', 'DeleteService')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

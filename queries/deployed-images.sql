-- title: Image changes by deployment
-- group: deployments
-- description: One row per container that was added or removed, or whose image differs between the task
--   definitions before and after a deployment. The images come from the registrations of the two revisions.
--   If the previous revision was registered before the history begins, the change is unknown and all
--   containers are shown. New services and Express Mode services (see deployment-ledger) are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
WITH deployments AS (
  SELECT
    service_changes.*,
    side,
    CASE WHEN side = 'before' THEN previous_task_definition_arn ELSE task_definition_arn END AS side_arn
  FROM service_changes
  CROSS JOIN (SELECT 'before' AS side UNION ALL SELECT 'after' AS side) AS sides
  WHERE event_name <> 'CreateService'
    AND names_task_definition
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
images AS (
  SELECT task_definition_arn AS registered_arn, container_name, container_image
  FROM containers
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND coalesce(dry_run, false) = false
),
pairs AS (
  SELECT
    event_id,
    record_hash,
    event_time,
    date,
    account_id,
    region,
    cluster_name,
    service_name,
    container_name,
    previous_task_definition_family || ':' || CAST(previous_task_definition_revision AS VARCHAR)
      AS task_definition_before,
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) AS task_definition_after,
    actor,
    channel,
    max(CASE WHEN side = 'before' THEN container_image END) AS image_before,
    max(CASE WHEN side = 'after' THEN container_image END) AS image_after,
    count(CASE WHEN side = 'before' THEN 1 END) AS containers_before,
    count(CASE WHEN side = 'after' THEN 1 END) AS containers_after
  FROM deployments
  JOIN images ON images.registered_arn = deployments.side_arn
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
),
-- a revision was registered within the history if any of its containers is known
known_pairs AS (
  SELECT
    pairs.*,
    max(containers_before) OVER (PARTITION BY record_hash) AS known_before,
    max(containers_after) OVER (PARTITION BY record_hash) AS known_after
  FROM pairs
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  container_name AS container,
  CASE
    WHEN known_before = 0 THEN 'unknown'
    WHEN image_before IS NULL THEN 'added'
    WHEN image_after IS NULL THEN 'removed'
    ELSE 'changed'
  END AS change,
  image_before,
  image_after,
  task_definition_before,
  task_definition_after,
  actor,
  channel,
  event_id
FROM known_pairs
WHERE coalesce(image_before, '') <> coalesce(image_after, '')
  AND known_after > 0
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash, container

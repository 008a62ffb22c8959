-- title: Which image replaced which
-- group: deployments
-- description: One row for each container whose image differs between the task definitions before
--   and after a deployment, or that was added or removed, by the registrations of the two
--   revisions. Where the revision before was registered before the history begins, the change is
--   called unknown and all containers are shown. New services and Express Mode services (see
--   deployment-ledger) are not in it.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- param service service default null: Service; all when left out
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
WITH calls AS (
  SELECT
    *,
    position('"taskDefinition' IN coalesce(request_parameters, '')) > 0
      OR event_name = 'UpdateServicePrimaryTaskSet' AS names_task_definition,
    last_value(task_definition_arn) IGNORE NULLS OVER (
      PARTITION BY recipient_account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_arn,
    last_value(task_definition_family) IGNORE NULLS OVER (
      PARTITION BY recipient_account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_family,
    last_value(task_definition_revision) IGNORE NULLS OVER (
      PARTITION BY recipient_account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_revision
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet')
    AND error_code IS NULL
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR recipient_account_id = $account)
),
deployments AS (
  SELECT *
  FROM calls
  WHERE event_name <> 'CreateService'
    AND names_task_definition
),
images AS (
  SELECT task_definition_arn, container_name, container_image
  FROM containers
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
),
sides AS (
  SELECT
    deployments.event_id,
    images.container_name,
    CAST(NULL AS VARCHAR) AS image_before,
    images.container_image AS image_after
  FROM deployments
  JOIN images ON images.task_definition_arn = deployments.task_definition_arn
  UNION ALL
  SELECT
    deployments.event_id,
    images.container_name,
    images.container_image AS image_before,
    CAST(NULL AS VARCHAR) AS image_after
  FROM deployments
  JOIN images ON images.task_definition_arn = deployments.known_arn
),
pairs AS (
  SELECT event_id, container_name, max(image_before) AS image_before, max(image_after) AS image_after
  FROM sides
  GROUP BY event_id, container_name
),
registered AS (
  SELECT DISTINCT task_definition_arn FROM images
)
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  pairs.container_name AS container,
  CASE
    WHEN before.task_definition_arn IS NULL THEN 'unknown'
    WHEN pairs.image_before IS NULL THEN 'added'
    WHEN pairs.image_after IS NULL THEN 'removed'
    ELSE 'changed'
  END AS change,
  pairs.image_before,
  pairs.image_after,
  known_family || ':' || CAST(known_revision AS VARCHAR) AS task_definition_before,
  task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) AS task_definition_after,
  actor,
  channel,
  deployments.event_id
FROM deployments
JOIN pairs ON pairs.event_id = deployments.event_id
JOIN registered AS after ON after.task_definition_arn = deployments.task_definition_arn
LEFT JOIN registered AS before ON before.task_definition_arn = deployments.known_arn
WHERE coalesce(pairs.image_before, '') <> coalesce(pairs.image_after, '')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, container

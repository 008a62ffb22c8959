-- title: Images from unapproved registries
-- group: posture
-- severity: medium
-- description: Containers of registered task definitions (including those of daemons) whose image comes
--   from a registry that is not allowed, newest first. By default, only the private ECR registries of the
--   accounts in the dataset are allowed. pinned_by shows what pins the image: digest (never changes), tag
--   (may be moved), latest, or none, which means latest. Docker Hub is docker.io, even if the image names
--   no registry.
-- param task_definition task_definition default null: Task definition; default: all
-- param registries text default null: Allowed registries, comma-separated, such as
--   111122223333.dkr.ecr.eu-west-1.amazonaws.com,public.ecr.aws; default: private ECR registries of the
--   dataset's accounts
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html
WITH images AS (
  SELECT
    containers.*,
    coalesce(task_definition_arn, daemon_task_definition_arn) AS registered_arn,
    CASE
      WHEN regexp_like(container_image, '^[^/]*[.:][^/]*/') THEN split_part(container_image, '/', 1)
      WHEN container_image IS NOT NULL THEN 'docker.io'
    END AS registry
  FROM containers
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RegisterTaskDefinition', 'RegisterDaemonTaskDefinition')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
accounts AS (
  SELECT DISTINCT account_id AS own_account
  FROM events
),
uses AS (
  SELECT coalesce(task_definition_arn, daemon_task_definition_arn) AS used_arn, max(event_time) AS last_used
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN (
      'CreateService', 'UpdateService', 'CreateTaskSet', 'RunTask', 'StartTask', 'CreateDaemon', 'UpdateDaemon')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
  GROUP BY 1
)
SELECT
  event_time,
  account_id AS account,
  region,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  container_name AS container,
  container_image AS image,
  registry,
  CASE
    WHEN position('@' IN container_image) > 0 THEN 'digest'
    WHEN regexp_like(container_image, ':latest$') THEN 'latest'
    WHEN regexp_like(container_image, ':[^/]+$') THEN 'tag'
    ELSE 'none'
  END AS pinned_by,
  actor,
  channel,
  last_used,
  event_id
FROM images
LEFT JOIN uses ON uses.used_arn = images.registered_arn
LEFT JOIN accounts ON own_account = split_part(registry, '.', 1)
WHERE container_image IS NOT NULL
  AND CASE
    WHEN $registries IS NULL
      THEN own_account IS NULL
        OR regexp_like(registry,
          '^[0-9]{12}[.]dkr[.-]ecr(-fips)?[.][a-z0-9-]+[.](amazonaws[.]com([.]cn)?|on[.]aws|on[.]amazonwebservices[.]com[.]cn)$') = false
    ELSE array_has(string_to_array(replace($registries, ' ', ''), ','), registry) = false
  END
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash, container_position

-- title: Unused task definitions
-- group: task-definitions
-- description: Registered revisions that no successful call in the history used for a service or a task; if
--   until is set, up to that day. A revision may still be in use by a call that is not in the history: an
--   EventBridge rule or a service may already name it, or the calls of its Region may not have been
--   converted. newer shows how many revisions of the family were registered after it.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html
WITH uses AS (
  SELECT DISTINCT task_definition_arn
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN (
      'CreateService', 'UpdateService', 'CreateTaskSet', 'UpdateServicePrimaryTaskSet', 'RunTask', 'StartTask'
    )
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($until IS NULL OR date <= $until)
),
deregistrations AS (
  SELECT task_definition_arn, min(event_time) AS deregistered
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'DeregisterTaskDefinition'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($until IS NULL OR date <= $until)
  GROUP BY task_definition_arn
),
revisions AS (
  SELECT
    *,
    count(*) OVER (
      PARTITION BY account_id, region, task_definition_family
      ORDER BY task_definition_revision, event_time, event_id, record_hash
      ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS newer
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND task_definition_arn IS NOT NULL
    AND coalesce(dry_run, false) = false
    AND ($until IS NULL OR date <= $until)
)
SELECT
  event_time,
  account_id AS account,
  region,
  task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) AS task_definition,
  nullif(array_to_string(container_images, ', '), '') AS images,
  newer,
  deregistrations.deregistered,
  actor,
  channel,
  event_id
FROM revisions
LEFT JOIN uses ON uses.task_definition_arn = revisions.task_definition_arn
LEFT JOIN deregistrations ON deregistrations.task_definition_arn = revisions.task_definition_arn
WHERE uses.task_definition_arn IS NULL
  AND ($from IS NULL OR date >= $from)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash

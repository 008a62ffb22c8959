-- title: Task definition registrations by family
-- group: task-definitions
-- description: Per family: how many revisions were registered and by how many distinct actors, the first
--   and the last registration, how many revisions a service or task was ever seen to use, and how many were
--   deregistered. Uses and deregistrations are searched for in the whole history, including after until.
--   Many unused revisions suggest pipelines that register one on every run.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
WITH uses AS (
  SELECT
    task_definition_arn,
    max(CASE WHEN event_name <> 'DeregisterTaskDefinition' THEN 1 ELSE 0 END) AS was_used,
    max(CASE WHEN event_name = 'DeregisterTaskDefinition' THEN 1 ELSE 0 END) AS was_deregistered
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN (
      'CreateService', 'UpdateService', 'CreateTaskSet', 'UpdateServicePrimaryTaskSet', 'RunTask', 'StartTask',
      'DeregisterTaskDefinition'
    )
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
  GROUP BY task_definition_arn
)
SELECT
  account_id AS account,
  region,
  task_definition_family AS family,
  count(*) AS revisions,
  count(DISTINCT actor) AS actor_count,
  min(event_time) AS first_registered,
  max(event_time) AS last_registered,
  max(task_definition_revision) AS last_revision,
  count(CASE WHEN uses.was_used = 1 THEN 1 END) AS used,
  count(CASE WHEN uses.was_deregistered = 1 THEN 1 END) AS deregistered
FROM events
LEFT JOIN uses ON uses.task_definition_arn = events.task_definition_arn
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name = 'RegisterTaskDefinition'
  AND events.task_definition_arn IS NOT NULL
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
GROUP BY account_id, region, task_definition_family
ORDER BY revisions DESC, account, region, family

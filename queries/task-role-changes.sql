-- title: Task roles changed or overridden
-- group: task-definitions
-- severity: medium
-- description: New revisions whose task role or execution role differs from that of the last known revision
--   of the family, and RunTask or StartTask calls whose overrides name a role other than that of the
--   revision. The role before is empty if the revision was registered before the history begins. A
--   different role gives the containers different permissions. Failed calls and dry runs are not listed: a
--   denied iam:PassRole is in denied-calls.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
WITH revisions AS (
  SELECT
    *,
    coalesce(nullif(split_part(task_role_arn, ':role/', 2), ''), task_role_arn) AS task_role,
    coalesce(nullif(split_part(execution_role_arn, ':role/', 2), ''), execution_role_arn) AS execution_role
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
pairs AS (
  SELECT
    *,
    lag(record_hash) OVER (
      PARTITION BY account_id, region, task_definition_family ORDER BY task_definition_revision, event_time, event_id, record_hash
    ) AS record_before,
    lag(task_role) OVER (
      PARTITION BY account_id, region, task_definition_family ORDER BY task_definition_revision, event_time, event_id, record_hash
    ) AS task_role_before,
    lag(execution_role) OVER (
      PARTITION BY account_id, region, task_definition_family ORDER BY task_definition_revision, event_time, event_id, record_hash
    ) AS execution_role_before
  FROM revisions
),
overrides AS (
  SELECT
    *,
    coalesce(nullif(split_part(task_role_arn, ':role/', 2), ''), task_role_arn) AS task_role,
    coalesce(nullif(split_part(execution_role_arn, ':role/', 2), ''), execution_role_arn) AS execution_role
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RunTask', 'StartTask')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
changes AS (
  SELECT
    event_time,
    date,
    account_id,
    region,
    'new revision' AS kind,
    task_definition_family,
    task_definition_revision,
    task_role_before,
    task_role AS task_role_after,
    execution_role_before,
    execution_role AS execution_role_after,
    actor,
    channel,
    event_id,
    record_hash
  FROM pairs
  WHERE record_before IS NOT NULL
    AND (coalesce(task_role, '') <> coalesce(task_role_before, '')
      OR coalesce(execution_role, '') <> coalesce(execution_role_before, ''))
  UNION ALL
  SELECT
    overrides.event_time,
    overrides.date,
    overrides.account_id,
    overrides.region,
    'override' AS kind,
    overrides.task_definition_family,
    overrides.task_definition_revision,
    revisions.task_role AS task_role_before,
    coalesce(overrides.task_role, revisions.task_role) AS task_role_after,
    revisions.execution_role AS execution_role_before,
    coalesce(overrides.execution_role, revisions.execution_role) AS execution_role_after,
    overrides.actor,
    overrides.channel,
    overrides.event_id,
    overrides.record_hash
  FROM overrides
  LEFT JOIN revisions ON revisions.task_definition_arn = overrides.task_definition_arn
  WHERE overrides.task_role <> coalesce(revisions.task_role, '')
    OR overrides.execution_role <> coalesce(revisions.execution_role, '')
)
SELECT
  event_time,
  account_id AS account,
  region,
  kind,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  task_role_before,
  task_role_after,
  execution_role_before,
  execution_role_after,
  actor,
  channel,
  event_id
FROM changes
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash

-- title: Commands overridden when tasks were run
-- group: tasks
-- description: RunTask and StartTask calls that override the command of a container. This is common for
--   migrations and batch jobs, but also lets anyone with ecs:RunTask run their own command with the role of
--   a task. Words are joined by spaces, and the commands of several containers by semicolons. AWS does not
--   redact secrets in commands. Denied calls are not listed, because CloudTrail omits their request.
-- param cluster cluster default null: Cluster; default: all
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  array_to_string(container_commands, '; ') AS commands,
  CASE WHEN environment_names IS NULL THEN NULL ELSE array_to_string(environment_names, ', ') END AS variables_set,
  started_by,
  CASE WHEN task_ids IS NULL THEN NULL ELSE array_to_string(task_ids, ', ') END AS task_ids,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('RunTask', 'StartTask')
  AND container_commands IS NOT NULL
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash

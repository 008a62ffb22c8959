-- title: Commands that request credentials
-- group: posture
-- severity: high
-- description: Commands in task definitions, in RunTask and StartTask overrides, and in ECS Exec that name
--   the task credential endpoint or the instance metadata service, newest first. This is the usual way to
--   take a role's credentials out of a container. Failed calls and dry runs are included, with error_code
--   and dry_run, if their record has the command. CloudTrail does not record what is typed in an
--   interactive shell. See exec-session-activity for what the role did next.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
WITH commands AS (
  SELECT
    event_time, date, region, account_id, cluster_name, event_name,
    task_definition_family, task_definition_revision,
    array_element(container_names, 1) AS container,
    exec_command AS command,
    actor, person, channel, source_ip_address, error_code, dry_run, event_id, record_hash
  FROM events
  UNION ALL
  SELECT
    event_time, date, region, account_id, cluster_name, event_name,
    task_definition_family, task_definition_revision,
    container_name AS container,
    container_command AS command,
    actor, person, channel, source_ip_address, error_code, dry_run, event_id, record_hash
  FROM containers
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  container,
  command,
  actor,
  person,
  channel,
  source_ip_address,
  error_code,
  dry_run,
  event_id
FROM commands
WHERE regexp_like(command, 'AWS_CONTAINER_CREDENTIALS_|169[.]254[.]170[.]2([^0-9]|$)|169[.]254[.]169[.]254')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash, container, command

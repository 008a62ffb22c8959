-- title: Changes from revision to revision
-- group: task-definitions
-- description: Each registered revision: what changed from the last known revision of the family before it,
--   when it was first deployed or run, and when it was deregistered. Variables are the names of environment
--   variables and of secrets. If AWS hides the environment, its changes are unknown. changed says other
--   settings if only something else differs (ports, health checks, values), and is empty for the first
--   revision in the history. Failed calls are not listed.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
WITH revisions AS (
  SELECT
    event_time,
    event_id,
    record_hash,
    date,
    account_id,
    region,
    task_definition_arn,
    task_definition_family,
    task_definition_revision,
    nullif(array_to_string(container_names, ', '), '') AS containers,
    nullif(array_to_string(container_images, ', '), '') AS images,
    nullif(array_to_string(container_commands, ', '), '') AS commands,
    nullif(array_to_string(container_users, ', '), '') AS users,
    task_cpu,
    task_memory,
    coalesce(nullif(split_part(task_role_arn, ':role/', 2), ''), task_role_arn) AS task_role,
    coalesce(nullif(split_part(execution_role_arn, ':role/', 2), ''), execution_role_arn) AS execution_role,
    -- NULL if AWS hides the environment, empty if there is none.
    coalesce(
      environment_names,
      CASE WHEN position('HIDDEN_DUE_TO_SECURITY_REASONS' IN request_parameters) = 0 THEN string_to_array('', ',') END
    ) AS environment,
    coalesce(secret_names, string_to_array('', ',')) AS secrets,
    network_mode AS network,
    array_to_string(privileged_containers, ', ') AS privileged,
    coalesce(pid_mode, '') || ' ' || coalesce(ipc_mode, '')
      || CASE WHEN host_volume_paths IS NULL THEN '' ELSE array_to_string(host_volume_paths, ', ') END
      AS host_settings,
    coalesce(operating_system_family, '') || ' ' || coalesce(cpu_architecture, '')
      || CASE WHEN requires_compatibilities IS NULL THEN '' ELSE array_to_string(requires_compatibilities, ', ') END
      AS platform,
    request_parameters,
    actor,
    channel
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND task_definition_revision IS NOT NULL
    AND coalesce(dry_run, false) = false
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
ordered AS (
  SELECT
    *,
    lag(record_hash) OVER (
      PARTITION BY account_id, region, task_definition_family
      ORDER BY task_definition_revision, event_time, event_id, record_hash
    ) AS record_before
  FROM revisions
),
pairs AS (
  SELECT
    ordered.*,
    before.containers AS containers_before,
    before.images AS images_before,
    before.commands AS commands_before,
    before.users AS users_before,
    before.task_cpu AS cpu_before,
    before.task_memory AS memory_before,
    before.task_role AS task_role_before,
    before.execution_role AS execution_role_before,
    before.environment AS environment_before,
    before.secrets AS secrets_before,
    before.network AS network_before,
    before.privileged AS privileged_before,
    before.host_settings AS host_settings_before,
    before.platform AS platform_before,
    before.request_parameters AS request_before
  FROM ordered
  LEFT JOIN revisions AS before ON before.record_hash = ordered.record_before
),
uses AS (
  SELECT
    task_definition_arn,
    min(CASE WHEN event_name <> 'DeregisterTaskDefinition' THEN event_time END) AS first_used,
    min(CASE WHEN event_name = 'DeregisterTaskDefinition' THEN event_time END) AS deregistered
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN (
      'CreateService', 'UpdateService', 'CreateTaskSet', 'RunTask', 'StartTask', 'DeregisterTaskDefinition'
    )
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
  GROUP BY task_definition_arn
),
compared AS (
  SELECT
    *,
    CASE WHEN coalesce(containers, '') <> coalesce(containers_before, '') THEN ', containers' ELSE '' END
      || CASE WHEN coalesce(images, '') <> coalesce(images_before, '') THEN ', images' ELSE '' END
      || CASE WHEN coalesce(commands, '') <> coalesce(commands_before, '') THEN ', commands' ELSE '' END
      || CASE WHEN coalesce(users, '') <> coalesce(users_before, '') THEN ', users' ELSE '' END
      || CASE WHEN coalesce(task_cpu, '') <> coalesce(cpu_before, '') THEN ', cpu' ELSE '' END
      || CASE WHEN coalesce(task_memory, '') <> coalesce(memory_before, '') THEN ', memory' ELSE '' END
      || CASE WHEN coalesce(task_role, '') <> coalesce(task_role_before, '') THEN ', task role' ELSE '' END
      || CASE WHEN coalesce(execution_role, '') <> coalesce(execution_role_before, '') THEN ', execution role' ELSE '' END
      || CASE WHEN array_to_string(array_except(environment, environment_before), ',')
        || array_to_string(array_except(environment_before, environment), ',') <> '' THEN ', environment' ELSE '' END
      || CASE WHEN array_to_string(array_except(secrets, secrets_before), ',')
        || array_to_string(array_except(secrets_before, secrets), ',') <> '' THEN ', secrets' ELSE '' END
      || CASE WHEN coalesce(network, '') <> coalesce(network_before, '') THEN ', network mode' ELSE '' END
      || CASE WHEN coalesce(privileged, '') <> coalesce(privileged_before, '') THEN ', privileged' ELSE '' END
      || CASE WHEN coalesce(host_settings, '') <> coalesce(host_settings_before, '') THEN ', host access' ELSE '' END
      || CASE WHEN coalesce(platform, '') <> coalesce(platform_before, '') THEN ', platform' ELSE '' END
      AS differences
  FROM pairs
)
SELECT
  event_time,
  account_id AS account,
  region,
  task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) AS task_definition,
  CASE
    WHEN record_before IS NULL THEN NULL
    WHEN differences <> '' THEN substr(differences, 3)
    WHEN request_parameters <> request_before THEN 'other settings'
    ELSE 'nothing visible'
  END AS changed,
  images_before,
  images AS images_after,
  cpu_before || ' / ' || memory_before AS cpu_memory_before,
  task_cpu || ' / ' || task_memory AS cpu_memory_after,
  task_role_before,
  task_role AS task_role_after,
  execution_role,
  nullif(substr(
    CASE
      WHEN array_to_string(array_except(environment, environment_before), '') <> ''
        THEN ', ' || array_to_string(array_except(environment, environment_before), ', ')
      ELSE ''
    END
    || CASE
      WHEN array_to_string(array_except(secrets, secrets_before), '') <> ''
        THEN ', ' || array_to_string(array_except(secrets, secrets_before), ' (secret), ') || ' (secret)'
      ELSE ''
    END, 3), '') AS variables_added,
  nullif(substr(
    CASE
      WHEN array_to_string(array_except(environment_before, environment), '') <> ''
        THEN ', ' || array_to_string(array_except(environment_before, environment), ', ')
      ELSE ''
    END
    || CASE
      WHEN array_to_string(array_except(secrets_before, secrets), '') <> ''
        THEN ', ' || array_to_string(array_except(secrets_before, secrets), ' (secret), ') || ' (secret)'
      ELSE ''
    END, 3), '') AS variables_removed,
  nullif(privileged, '') AS privileged_containers,
  uses.first_used,
  uses.deregistered,
  actor,
  channel,
  event_id
FROM compared
LEFT JOIN uses ON uses.task_definition_arn = compared.task_definition_arn
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash

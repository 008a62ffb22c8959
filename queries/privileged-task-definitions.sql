-- title: Task definitions with privileged access to their host
-- group: posture
-- severity: high
-- description: Revisions of task definitions that give a container privileged access to its host, one row
--   per revision, newest first: privileged containers, and containers that use the host's process, IPC, or
--   network namespace, or its directories or sockets. All revisions in the history count, because any of
--   them can be run until it is deregistered. last_used is the last call of a service, task, or daemon that
--   named it. Task definitions of daemons are included. Added Linux capabilities are not checked.
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-tasks-containers.html
WITH revisions AS (
  SELECT
    event_time, date, region, account_id,
    coalesce(task_definition_arn, daemon_task_definition_arn) AS registered_arn,
    task_definition_family, task_definition_revision, container_images, privileged_containers, host_volume_paths,
    actor, person, channel, event_id, record_hash,
    nullif(
      CASE WHEN array_length(privileged_containers) > 0 THEN 'privileged container, ' ELSE '' END
      || CASE WHEN pid_mode = 'host' THEN 'host processes, ' ELSE '' END
      || CASE WHEN ipc_mode = 'host' THEN 'host IPC, ' ELSE '' END
      || CASE WHEN network_mode = 'host' THEN 'host network, ' ELSE '' END
      || CASE WHEN array_length(host_volume_paths) > 0 THEN 'host paths, ' ELSE '' END, '') AS powers_list
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RegisterTaskDefinition', 'RegisterDaemonTaskDefinition')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
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
  substr(powers_list, 1, length(powers_list) - 2) AS powers,
  CASE WHEN privileged_containers IS NOT NULL THEN array_to_string(privileged_containers, ', ')
  END AS privileged_containers,
  CASE WHEN host_volume_paths IS NOT NULL THEN array_to_string(host_volume_paths, ', ') END AS host_paths,
  CASE WHEN container_images IS NOT NULL THEN array_to_string(container_images, ', ') END AS images,
  actor,
  person,
  channel,
  last_used,
  event_id
FROM revisions
LEFT JOIN uses ON uses.used_arn = revisions.registered_arn
WHERE powers_list IS NOT NULL
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash

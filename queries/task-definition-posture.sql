-- title: Risky settings in task definitions, in every registered revision
-- group: posture
-- severity: high
-- description: One row per rule that a revision registered in the history violates, newest first, including
--   revisions of daemons. Each row has its own severity. An old revision matters as long as someone can run
--   it: last_used is the last call of a service, task, or daemon that named it, and newest marks the latest
--   revision of its family. Rules: privileged-container, root-user, user-not-set (the image decides, often
--   root), host-network, host-pid, host-ipc, sensitive-host-path (sockets, /etc, /proc, and similar),
--   host-path, secret-in-environment (by its name), image-tag (latest or none), public-image,
--   credential-endpoint (a command that requests credentials). Linux capabilities and entry points are not
--   checked.
-- param task_definition task_definition default null: Task definition; default: all
-- param rule text default null: Name of a rule; default: all
-- param newest_only boolean default false: Show only the newest revision of each family
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
WITH rules AS (
  SELECT 'credential-endpoint' AS rule, 'critical' AS severity
  UNION ALL SELECT 'privileged-container' AS rule, 'high' AS severity
  UNION ALL SELECT 'host-pid' AS rule, 'high' AS severity
  UNION ALL SELECT 'sensitive-host-path' AS rule, 'high' AS severity
  UNION ALL SELECT 'host-ipc' AS rule, 'medium' AS severity
  UNION ALL SELECT 'host-network' AS rule, 'medium' AS severity
  UNION ALL SELECT 'root-user' AS rule, 'medium' AS severity
  UNION ALL SELECT 'host-path' AS rule, 'low' AS severity
  UNION ALL SELECT 'image-tag' AS rule, 'low' AS severity
  UNION ALL SELECT 'public-image' AS rule, 'low' AS severity
  UNION ALL SELECT 'user-not-set' AS rule, 'low' AS severity
),
registrations AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    coalesce(task_definition_arn, daemon_task_definition_arn) AS registered_arn,
    task_definition_family,
    task_definition_revision,
    actor,
    channel,
    event_id,
    record_hash,
    task_definition_revision = max(task_definition_revision) OVER (
      PARTITION BY account_id, region, event_name, task_definition_family) AS newest
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
),
registered_containers AS (
  SELECT
    containers.*,
    -- rules about the whole task definition are checked once, at its first container
    CASE WHEN container_position = 1 THEN ',' || array_to_string(host_volume_paths, ',') || ',' END AS host_paths
  FROM containers
  JOIN registrations ON registrations.record_hash = containers.record_hash
),
checks AS (
  SELECT
    record_hash,
    rule,
    severity,
    CASE WHEN rule NOT IN ('host-pid', 'host-ipc', 'host-network', 'sensitive-host-path', 'host-path')
      THEN container_name END AS container,
    CASE
      WHEN rule = 'credential-endpoint' AND regexp_like(container_command,
        'AWS_CONTAINER_CREDENTIALS_|169[.]254[.]170[.]2([^0-9]|$)|169[.]254[.]169[.]254') THEN container_command
      WHEN rule = 'privileged-container' AND array_has(privileged_containers, container_name) THEN 'privileged'
      WHEN rule = 'root-user' AND split_part(container_user, ':', 1) IN ('root', '0') THEN container_user
      WHEN rule = 'user-not-set' AND container_user IS NULL THEN container_image
      WHEN rule = 'image-tag' AND regexp_like(container_image, '^[^@]*:latest$|^([^/]*/)*[^/:@]*$')
        THEN container_image
      WHEN rule = 'public-image' AND regexp_like(container_image,
        '^([^/]*$|[^/.:]*/|(public[.]ecr[.]aws|docker[.]io|quay[.]io|ghcr[.]io|gcr[.]io|registry[.]k8s[.]io)/)')
        THEN container_image
      WHEN rule = 'host-pid' AND pid_mode = 'host' AND container_position = 1 THEN 'pidMode host'
      WHEN rule = 'host-ipc' AND ipc_mode = 'host' AND container_position = 1 THEN 'ipcMode host'
      WHEN rule = 'host-network' AND network_mode = 'host' AND container_position = 1 THEN 'networkMode host'
      WHEN rule = 'sensitive-host-path' AND regexp_like(host_paths,
        ',(/|/(etc|root|home|proc|sys|dev|boot|run|var/run|var/lib/docker|var/lib/containerd|var/lib/ecs)(/[^,]*)?),')
        THEN array_to_string(host_volume_paths, ', ')
      WHEN rule = 'host-path' AND host_paths <> ',,' THEN array_to_string(host_volume_paths, ', ')
    END AS detail
  FROM registered_containers
  CROSS JOIN rules
),
findings AS (
  SELECT DISTINCT record_hash AS finding, rule, severity, container, detail
  FROM checks
  WHERE detail IS NOT NULL
  UNION ALL
  SELECT DISTINCT
    record_hash AS finding,
    'secret-in-environment' AS rule,
    'high' AS severity,
    CAST(NULL AS VARCHAR) AS container,
    environment_name AS detail
  FROM environment_variables
  WHERE regexp_like(upper(environment_name),
      'PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH_DATA|(^|_)(SECRET|TOKEN)(_|$)')
    AND regexp_like(upper(environment_name), '_(ARN|NAME|FILE|PATH|URL|URI|TTL|LENGTH|EXPIRY|POLICY)$') = false
)
SELECT
  event_time,
  account_id AS account,
  region,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  rule,
  severity,
  container,
  detail,
  actor,
  channel,
  last_used,
  newest,
  event_id
FROM findings
JOIN registrations ON registrations.record_hash = findings.finding
LEFT JOIN uses ON uses.used_arn = registrations.registered_arn
WHERE ($rule IS NULL OR rule = $rule)
  AND ($newest_only = false OR coalesce(newest, true))
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash, rule, container, detail

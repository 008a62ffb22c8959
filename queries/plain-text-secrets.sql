-- title: Plain-text secrets in environment variables and commands
-- group: posture
-- severity: high
-- description: Environment variables with names that look like secrets, one row per name, and commands that
--   contain a secret, one row per container, newest first. The sources are task definitions (including
--   those of daemons), RunTask and StartTask overrides, and ECS Exec commands. found_in shows what was
--   found: in commands, an option (--password=…), a variable (PASSWORD=…), or a user and password in a URL.
--   The value is not shown: see the event. CloudTrail does not record the values of environment variables,
--   and in many records not even their names. Variables from Secrets Manager or Parameter Store are not in
--   plain text. Names that end like a pointer (_ARN, _FILE, _URL, …), values that refer to others
--   ($PASSWORD), failed calls, and dry runs are excluded.
-- param task_definition task_definition default null: Task definition; default: all
-- param name text default null: Part of the variable's name; default: all names that look like secrets, and
--   commands
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/config/latest/developerguide/ecs-no-environment-secrets.html
WITH calls AS (
  SELECT
    event_time,
    event_name,
    error_code,
    dry_run,
    task_definition_revision,
    coalesce(task_definition_arn, daemon_task_definition_arn) AS named_arn
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
),
revisions AS (
  -- an ARN without its revision names the family, its account, and its Region
  SELECT
    substr(named_arn, 1, length(named_arn) - length(split_part(named_arn, ':', 7))) AS family_arn,
    max(CASE WHEN event_name IN ('RegisterTaskDefinition', 'RegisterDaemonTaskDefinition')
      THEN task_definition_revision END) AS newest_revision
  FROM calls
  WHERE coalesce(dry_run, false) = false
  GROUP BY 1
),
uses AS (
  SELECT named_arn AS used_arn, max(event_time) AS last_used
  FROM calls
  WHERE event_name IN (
      'CreateService', 'UpdateService', 'CreateTaskSet', 'RunTask', 'StartTask', 'CreateDaemon', 'UpdateDaemon')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
  GROUP BY named_arn
),
variables AS (
  SELECT DISTINCT
    record_hash,
    'environment variable' AS found_in,
    environment_name AS variable,
    array_to_string(container_names, ', ') AS containers
  FROM environment_variables
  WHERE regexp_like(upper(environment_name),
      'PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH_DATA|(^|_)(SECRET|TOKEN)(_|$)')
    AND regexp_like(upper(environment_name), '_(ARN|NAME|FILE|PATH|URL|URI|TTL|LENGTH|EXPIRY|POLICY)$') = false
),
commands AS (
  SELECT
    record_hash,
    container_name AS containers,
    ' ' || replace(upper(container_command), '--NO-', '') AS command
  FROM containers
  UNION ALL
  SELECT
    record_hash,
    CASE WHEN container_names IS NOT NULL THEN array_element(container_names, 1) END AS containers,
    ' ' || replace(upper(exec_command), '--NO-', '') AS command
  FROM events
),
-- a value that begins with $, {, <, @, or / refers to something else; one that begins with - is the next option
judged_commands AS (
  SELECT
    record_hash,
    CASE
      WHEN regexp_like(command,
        '[ "'']--?([A-Z0-9]+[-_.])*(PASSWORD|PASSWD|PASSPHRASE|API[-_]?KEY|ACCESS[-_]?KEY|PRIVATE[-_]?KEY|SECRET[-_]?KEY|SECRET|TOKEN)[ =]["'']?[^- $<{/@*"'']')
        THEN 'option of a command'
      WHEN regexp_like(command,
        '[ ;&("'']([A-Z0-9_]*(PASSWORD|PASSWD|PASSPHRASE|_PWD|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|SECRET_?KEY)|([A-Z0-9_]*_)?(SECRET|TOKEN))=["'']?[^- $<{/@*"'']')
        THEN 'variable set in a command'
      WHEN regexp_like(command, '://[^/ :@$<{]*:[^/ :@$<{]+@') THEN 'URL in a command'
    END AS found_in,
    CAST(NULL AS VARCHAR) AS variable,
    containers
  FROM commands
),
findings AS (
  SELECT record_hash AS finding, found_in, variable, containers FROM variables
  UNION ALL
  SELECT DISTINCT record_hash AS finding, found_in, variable, containers FROM judged_commands WHERE found_in IS NOT NULL
)
SELECT
  events.event_time,
  account_id AS account,
  region,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  found_in,
  variable,
  containers,
  actor,
  person,
  channel,
  last_used,
  task_definition_revision = newest_revision AS newest,
  event_id
FROM findings
JOIN events ON events.record_hash = findings.finding
LEFT JOIN uses ON uses.used_arn = coalesce(task_definition_arn, daemon_task_definition_arn)
LEFT JOIN revisions ON revisions.family_arn
  = substr(coalesce(task_definition_arn, daemon_task_definition_arn), 1,
    length(coalesce(task_definition_arn, daemon_task_definition_arn))
    - length(split_part(coalesce(task_definition_arn, daemon_task_definition_arn), ':', 7)))
WHERE event_source = 'ecs.amazonaws.com'
  AND error_code IS NULL
  AND coalesce(dry_run, false) = false
  AND ($name IS NULL OR position(upper($name) IN upper(variable)) > 0)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash, variable, found_in, containers

-- title: Secrets in plain environment variables
-- group: posture
-- severity: high
-- description: Environment variables of task definitions, of daemons too, and of RunTask and StartTask
--   overrides, whose names look like those of secrets, newest first; one row a name. What is filled
--   from Secrets Manager or Parameter Store is not part of the environment and not here. Names are all
--   there is: CloudTrail does not show values of the environment, and of many records not even the
--   names. Names that end like a pointer (_ARN, _FILE, _URL, …) are left out, and so are failed calls.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param task_definition task_definition default null: Task definition; all when left out
-- param name text default null: Part of the variable's name; all names that look like secrets when left out
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
  -- an ARN without its revision names the family, its account and its region
  SELECT
    substr(named_arn, 1, length(named_arn) - length(split_part(named_arn, ':', 7))) AS family_arn,
    max(CASE WHEN event_name IN ('RegisterTaskDefinition', 'RegisterDaemonTaskDefinition')
      THEN task_definition_revision END) AS newest_revision
  FROM calls
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
  SELECT
    environment_variables.*,
    coalesce(task_definition_arn, daemon_task_definition_arn) AS named_arn
  FROM environment_variables
)
SELECT DISTINCT
  event_time,
  recipient_account_id AS account,
  region,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  environment_name AS variable,
  array_to_string(container_names, ', ') AS containers,
  actor,
  coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
    session_source_identity, user_identity_on_behalf_of_user_id,
    CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
      THEN role_session_name END,
    user_identity_user_name) AS human,
  channel,
  last_used,
  task_definition_revision = newest_revision AS newest,
  event_id
FROM variables
LEFT JOIN uses ON uses.used_arn = variables.named_arn
LEFT JOIN revisions ON revisions.family_arn
  = substr(named_arn, 1, length(named_arn) - length(split_part(named_arn, ':', 7)))
WHERE regexp_like(upper(environment_name),
    'PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|AUTH_DATA|(^|_)(SECRET|TOKEN)(_|$)')
  AND regexp_like(upper(environment_name), '_(ARN|NAME|FILE|PATH|URL|URI|TTL|LENGTH|EXPIRY|POLICY)$') = false
  AND error_code IS NULL
  AND ($name IS NULL OR position(upper($name) IN upper(environment_name)) > 0)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, variable

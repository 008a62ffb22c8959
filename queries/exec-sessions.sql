-- title: ECS Exec sessions, and what the task did afterwards
-- group: exec
-- description: Each ExecuteCommand, newest first: who, the human behind the role, where, the command
--   line, and how it ended. role_calls counts the calls, in all Regions and accounts converted, that
--   sessions named after the task id made within the given minutes; task_roles names their roles.
--   It is 0 also where the events of other services were not converted. What was typed inside a
--   shell is not in CloudTrail. Service and task definition are known only where RunTask, StartTask
--   or StopTask of the same task told them; cluster and task of a denied call come from its error.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- param task task default null: Task; all when left out
-- param actor text default null: Part of the caller's name or of the human behind it; all when left out
-- param minutes integer default 60: How many minutes after the session's start calls of the task's role count
-- param min_role_calls integer default 0: Only sessions after which the task's role made at least so many calls
-- needs: ecs.amazonaws.com
-- chart: timeline x=event_time y=human series=outcome
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
WITH sessions AS (
  SELECT
    event_time,
    date,
    region,
    recipient_account_id,
    coalesce(cluster_name, CASE
      WHEN position(':cluster/' IN denied_resource_arn) > 0 THEN split_part(denied_resource_arn, ':cluster/', 2)
      WHEN position(':task/' IN denied_resource_arn) > 0
        THEN split_part(split_part(denied_resource_arn, ':task/', 2), '/', 1)
    END) AS cluster_name,
    CASE
      WHEN task_ids IS NOT NULL THEN array_element(task_ids, 1)
      WHEN position(':task/' IN denied_resource_arn) > 0
        THEN nullif(split_part(split_part(denied_resource_arn, ':task/', 2), '/', 2), '')
    END AS task_id,
    CASE WHEN container_names IS NOT NULL THEN array_element(container_names, 1) END AS container,
    exec_command,
    exec_interactive,
    exec_session_id,
    actor,
    coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
      session_source_identity, user_identity_on_behalf_of_user_id,
      CASE WHEN regexp_like(role_session_name,
        '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
        THEN role_session_name END,
      user_identity_user_name) AS human,
    error_code,
    event_id
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'ExecuteCommand'
),
task_facts AS (
  SELECT
    task_id,
    max(CASE WHEN substr(task_group, 1, 8) = 'service:' THEN substr(task_group, 9) END) AS service,
    max(task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR)) AS task_definition
  FROM tasks
  WHERE event_name IN ('RunTask', 'StartTask', 'StopTask')
  GROUP BY task_id
),
role_calls AS (
  SELECT
    sessions.event_id,
    count(*) AS calls,
    string_agg(DISTINCT events.session_issuer_user_name, ', ' ORDER BY events.session_issuer_user_name) AS roles
  FROM sessions
  JOIN events
    ON events.role_session_name = sessions.task_id
    AND events.event_time >= sessions.event_time
    AND to_unixtime(events.event_time) - to_unixtime(sessions.event_time) <= $minutes * 60
    AND events.event_source <> 'ssmmessages.amazonaws.com'      -- the channel of ECS Exec itself
  WHERE sessions.error_code IS NULL
  GROUP BY sessions.event_id
)
SELECT
  sessions.event_time,
  sessions.recipient_account_id AS account,
  sessions.region,
  sessions.cluster_name AS cluster,
  task_facts.service,
  sessions.task_id,
  task_facts.task_definition,
  sessions.container,
  sessions.exec_command AS command,
  sessions.exec_interactive AS interactive,
  sessions.exec_session_id AS session_id,
  sessions.actor,
  sessions.human,
  CASE WHEN sessions.error_code IS NULL THEN coalesce(role_calls.calls, 0) END AS role_calls,
  role_calls.roles AS task_roles,
  coalesce(sessions.error_code, 'opened') AS outcome,
  sessions.event_id
FROM sessions
LEFT JOIN task_facts ON task_facts.task_id = sessions.task_id
LEFT JOIN role_calls ON role_calls.event_id = sessions.event_id
WHERE coalesce(role_calls.calls, 0) >= $min_role_calls
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR sessions.region = $region)
  AND ($account IS NULL OR sessions.recipient_account_id = $account)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
  AND ($task IS NULL OR sessions.task_id = $task)
  AND ($actor IS NULL OR position(lower($actor) IN lower(coalesce(actor, '') || ' ' || coalesce(human, ''))) > 0)
ORDER BY event_time DESC, event_id

-- title: ECS Exec sessions and the calls that followed
-- group: exec
-- description: Each ExecuteCommand call, newest first: the caller, the person behind the role, the target,
--   the command line, and the outcome: opened, dry run, or the error. role_calls counts the calls, across
--   all converted Regions and accounts, that sessions named after the task ID made within the given number
--   of minutes. task_roles names their roles. If only Amazon ECS events were converted, role_calls is empty
--   instead of 0. CloudTrail does not record what was typed in a shell. Service and task definition are
--   known only if a RunTask, StartTask, or StopTask call for the same task shows them.
-- param cluster cluster default null: Cluster; default: all
-- param task task default null: Task; default: all
-- param actor actor default null: Part of the name of the caller or of the person behind it; default: all
-- param minutes integer default 60: Number of minutes after the start of the session during which calls of
--   the task's role count
-- param min_role_calls integer default 0: Minimum number of calls that the task's role made after the
--   session started
-- needs: ecs.amazonaws.com
-- uses: all
-- chart: timeline x=event_time y=actor series=outcome
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
WITH sessions AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    cluster_name,
    CASE WHEN task_ids IS NOT NULL THEN array_element(task_ids, 1) END AS task_id,
    CASE WHEN container_names IS NOT NULL THEN array_element(container_names, 1) END AS container,
    exec_command,
    exec_interactive,
    exec_session_id,
    actor,
    person,
    error_code,
    coalesce(dry_run, false) AS is_dry_run,
    event_id,
    record_hash
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
-- whether the dataset has events that could show the task's roles
other_sources AS (
  SELECT count(*) AS other_events
  FROM events
  WHERE event_source <> 'ecs.amazonaws.com'
),
role_calls AS (
  SELECT
    sessions.record_hash AS session_hash,
    count(*) AS calls,
    string_agg(DISTINCT events.session_issuer_user_name, ', ' ORDER BY events.session_issuer_user_name) AS roles
  FROM sessions
  JOIN events
    ON events.role_session_name = sessions.task_id
    AND events.event_time >= sessions.event_time
    AND to_unixtime(events.event_time) - to_unixtime(sessions.event_time) <= $minutes * 60
    AND events.event_source <> 'ssmmessages.amazonaws.com'      -- the channel of ECS Exec itself
  WHERE sessions.error_code IS NULL
    AND is_dry_run = false
  GROUP BY sessions.record_hash
)
SELECT
  sessions.event_time,
  sessions.account_id AS account,
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
  sessions.person,
  CASE
    WHEN sessions.error_code IS NULL AND is_dry_run = false THEN
      coalesce(role_calls.calls, CASE WHEN other_events > 0 THEN 0 END)
  END AS role_calls,
  role_calls.roles AS task_roles,
  coalesce(sessions.error_code, CASE WHEN is_dry_run THEN 'dry run' ELSE 'opened' END) AS outcome,
  sessions.event_id
FROM sessions
CROSS JOIN other_sources
LEFT JOIN task_facts ON task_facts.task_id = sessions.task_id
LEFT JOIN role_calls ON role_calls.session_hash = sessions.record_hash
WHERE coalesce(role_calls.calls, 0) >= $min_role_calls
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR sessions.region = $region)
  AND ($account IS NULL OR sessions.account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task IS NULL OR sessions.task_id = $task)
  AND ($actor IS NULL OR position(lower($actor) IN lower(coalesce(actor, '') || ' ' || coalesce(person, ''))) > 0)
ORDER BY event_time DESC, event_id, record_hash

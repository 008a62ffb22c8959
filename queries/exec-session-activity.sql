-- title: Calls by a task's role after an ECS Exec session
-- group: exec
-- description: One row per call that a session named after the task ID made within the given number of
--   minutes after someone opened ECS Exec on that task, across all converted Regions and accounts. The
--   container itself may have made the calls: compare the source address and the user agent with those
--   before the session. CloudTrail does not record what was typed in the shell. from, until, and region
--   apply to the ECS Exec session. Calls to other services are listed if their events were converted.
-- param cluster cluster default null: Cluster; default: all
-- param task task default null: Task; default: all
-- param actor actor default null: Part of the name of the caller who opened the session, or of the person
--   behind it; default: all
-- param minutes integer default 60: Number of minutes after the start of the session during which calls
--   count
-- needs: ecs.amazonaws.com
-- uses: all
-- chart: timeline x=event_time y=event_name series=actor
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
WITH sessions AS (
  SELECT
    event_time,
    account_id,
    cluster_name,
    array_element(task_ids, 1) AS task_id,
    array_element(container_names, 1) AS container,
    exec_command,
    person,
    actor,
    record_hash AS session_hash
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'ExecuteCommand'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
    AND ($cluster IS NULL OR cluster_name = $cluster)
)
SELECT
  sessions.event_time AS session_time,
  sessions.account_id AS account,
  sessions.cluster_name AS cluster,
  sessions.task_id,
  sessions.container,
  sessions.person,
  sessions.actor,
  sessions.exec_command AS command,
  events.event_time,
  events.region,
  events.event_source,
  events.event_name,
  events.source_ip_address,
  events.user_agent,
  events.error_code,
  events.event_id
FROM sessions
JOIN events
  ON events.role_session_name = sessions.task_id
  AND events.event_time >= sessions.event_time
  AND to_unixtime(events.event_time) - to_unixtime(sessions.event_time) <= $minutes * 60
  AND events.event_source <> 'ssmmessages.amazonaws.com'      -- the channel of ECS Exec itself
WHERE ($task IS NULL OR sessions.task_id = $task)
  AND ($actor IS NULL
    OR position(lower($actor) IN lower(coalesce(sessions.actor, '') || ' ' || coalesce(sessions.person, ''))) > 0)
ORDER BY session_time, event_time, event_id, session_hash, record_hash

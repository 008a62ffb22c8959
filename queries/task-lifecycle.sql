-- title: Timeline of one task
-- group: investigation
-- description: All events about one task ID in time order: how it was started, what the agent reported, ECS
--   Exec sessions, who stopped it, what other services did for it, and the calls by its roles. Tasks that a
--   service starts have no RunTask call. Their first trace is their network interface or role, if the
--   events of those services were converted. Give the ID instead of an ARN to also see calls in other
--   Regions.
-- param cluster cluster default null: Cluster; default: all
-- param task task: Task
-- uses: all
-- chart: timeline x=event_time y=event_name series=relation
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
WITH task_events AS (
  SELECT
    events.*,
    CASE
      WHEN role_session_name = $task THEN 'call of its role'
      WHEN array_has(task_ids, $task) THEN 'ECS'
      WHEN event_source <> 'ecs.amazonaws.com'
        AND position($task IN coalesce(request_parameters, '') || coalesce(response_elements, '')) > 0
        THEN 'other service'
    END AS relation
  FROM events
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_source,
  event_name,
  relation,
  coalesce(exec_command, stopped_reason, reason) AS detail,
  CASE WHEN container_exit_codes IS NOT NULL THEN array_to_string(container_exit_codes, ', ') END AS exit_codes,
  actor,
  channel,
  source_ip_address,
  error_code,
  dry_run,
  event_id
FROM task_events
WHERE relation IS NOT NULL
  AND ($cluster IS NULL OR event_source <> 'ecs.amazonaws.com' OR cluster_name = $cluster)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time, event_id, record_hash

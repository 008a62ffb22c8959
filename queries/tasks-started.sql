-- title: Tasks started by RunTask and StartTask
-- group: tasks
-- description: Each call that runs tasks: the task definition, how many tasks RunTask requested (1 if the
--   call gives no number) and how many were placed, the caller, and the started_by value of the call. If
--   fewer tasks were placed than requested, see placement-failures: such calls have no error code. Failed
--   calls are listed with their error_code. CloudTrail omits the request of a denied call. ECS itself
--   starts the tasks of services, and CloudTrail does not record that.
-- param cluster cluster default null: Cluster; default: all
-- param task_definition task_definition default null: Task definition; default: all
-- param started_by text default null: Part of started_by, such as the name of a rule; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_name,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  CASE
    WHEN event_name = 'RunTask' AND request_parameters IS NOT NULL THEN coalesce(requested_task_count, 1)
  END AS tasks_requested,
  CASE WHEN task_ids IS NULL THEN 0 ELSE coalesce(array_length(task_ids), 0) END AS tasks_placed,
  started_by,
  task_group,
  coalesce(
    launch_type,
    CASE WHEN capacity_providers IS NULL THEN NULL ELSE array_to_string(capacity_providers, ', ') END
  ) AS launch_type,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('RunTask', 'StartTask')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
  AND ($started_by IS NULL OR position(lower($started_by) IN lower(started_by)) > 0)
ORDER BY event_time DESC, event_id, record_hash

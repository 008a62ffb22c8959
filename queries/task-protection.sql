-- title: Task protection turned on and off
-- group: tasks
-- description: UpdateTaskProtection calls, which keep tasks from being stopped by scale-in and deployments:
--   which tasks, on or off, by whom, and whether the task itself made the call (the session of its role is
--   named after the task). Forgotten protection blocks deployments until it expires; the request shows the
--   minutes. Failures show which tasks were not protected, and why. Failed calls are listed with their
--   error_code.
-- param cluster cluster default null: Cluster; default: all
-- param task task default null: Task; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  CASE WHEN task_ids IS NULL THEN NULL ELSE array_to_string(task_ids, ', ') END AS task_ids,
  CASE WHEN task_protection_enabled THEN 'on' WHEN task_protection_enabled = false THEN 'off' END AS protection,
  CASE
    WHEN task_ids IS NULL THEN NULL
    ELSE coalesce(array_has(task_ids, role_session_name), false)
  END AS by_task_itself,
  request_parameters AS request,
  CASE WHEN failure_reasons IS NULL THEN NULL ELSE nullif(array_to_string(failure_reasons, ', '), '') END AS failures,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name = 'UpdateTaskProtection'
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time DESC, event_id, record_hash

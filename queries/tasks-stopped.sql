-- title: Tasks stopped by StopTask
-- group: tasks
-- description: StopTask calls, with the reason that the caller gave, the caller, and what had started the
--   task. Tasks that exited on their own, or that ECS replaced or scaled in, are not listed, because no
--   call stopped them. service is known if the task belongs to one. Failed calls are listed with their
--   error_code.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- param task task default null: Task; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
WITH stops AS (
  SELECT
    event_time,
    event_id,
    record_hash,
    date,
    account_id,
    region,
    cluster_name,
    CASE WHEN task_group LIKE 'service:%' THEN substr(task_group, 9) END AS service_name,
    task_ids,
    task_definition_family,
    task_definition_revision,
    started_by,
    reason,
    actor,
    channel,
    error_code
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'StopTask'
    AND coalesce(dry_run, false) = false
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  CASE WHEN task_ids IS NULL THEN NULL ELSE array_to_string(task_ids, ', ') END AS task_id,
  coalesce(
    task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR),
    task_definition_family
  ) AS task_definition,
  started_by,
  reason,
  actor,
  channel,
  error_code,
  event_id
FROM stops
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time DESC, event_id, record_hash

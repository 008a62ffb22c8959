-- title: Timeline of a cluster, service or task
-- group: investigation
-- description: Every write to Amazon ECS that names the given cluster, service, or task, in time order.
--   Without any of these parameters, all writes. Failed calls are included if their request or their error
--   names the resource. State reports of the container agent count as writes. dry_run marks dry runs, which
--   change nothing.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- param task task default null: Task; default: all
-- needs: ecs.amazonaws.com
-- chart: timeline x=event_time y=event_name series=channel
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  CASE WHEN task_ids IS NOT NULL THEN array_to_string(task_ids, ', ') END AS task_ids,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  coalesce(reason, stopped_reason) AS reason,
  actor,
  person,
  channel,
  error_code,
  dry_run,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND is_write
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time, event_id, record_hash

-- title: Placement failures by hour and reason
-- group: failures
-- description: RunTask and StartTask failures without an error code, by hour (UTC), cluster, and reason:
--   the number of failures, the number of calls, and the number of tasks that these calls requested and
--   placed. A call that tries ten instances has ten failures. A call with two reasons is counted under
--   both.
-- param cluster cluster default null: Cluster; default: all
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- chart: bar x=hour y=failures series=reason
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
WITH reasons AS (
  SELECT
    record_hash,
    date_trunc('hour', event_time) AS hour,
    account_id,
    region,
    cluster_name AS cluster_name,
    failure_reason,
    CASE WHEN event_name = 'RunTask' THEN coalesce(requested_task_count, 1) END AS requested,
    CASE WHEN task_ids IS NULL THEN 0 ELSE coalesce(array_length(task_ids), 0) END AS placed,
    count(*) AS failures
  FROM failures
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
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT
  hour,
  account_id AS account,
  region,
  cluster_name AS cluster,
  failure_reason AS reason,
  sum(failures) AS failures,
  count(*) AS calls,
  sum(requested) AS tasks_requested,
  sum(placed) AS tasks_placed
FROM reasons
GROUP BY hour, account_id, region, cluster_name, failure_reason
ORDER BY hour, account, region, cluster, reason

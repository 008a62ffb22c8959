-- title: Tasks run by EventBridge rules and schedules
-- group: tasks
-- description: RunTask calls by EventBridge rules and EventBridge Scheduler, by rule or schedule (as in
--   started_by): runs, tasks placed, runs with placement failures (which have no error code), and the last
--   run. The record of a failed call often has no request. Such a call is counted in a row without a rule,
--   under the actor, whose role may serve several rules. AWS truncates long names.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled.html
SELECT
  account_id AS account,
  region,
  started_by AS rule,
  actor,
  count(*) AS runs,
  sum(CASE WHEN task_ids IS NULL THEN 0 ELSE coalesce(array_length(task_ids), 0) END) AS tasks_placed,
  count(CASE
    WHEN failure_reasons IS NULL THEN NULL
    WHEN array_length(failure_reasons) > 0 THEN 1
  END) AS runs_with_placement_failures,
  count(error_code) AS failed_calls,
  min(event_time) AS first_run,
  max(event_time) AS last_run,
  string_agg(DISTINCT task_definition_family, ', ' ORDER BY task_definition_family) AS families
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name = 'RunTask'
  AND coalesce(user_identity_invoked_by, source_ip_address) IN ('events.amazonaws.com', 'scheduler.amazonaws.com')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
GROUP BY account_id, region, started_by, actor
ORDER BY runs DESC, account, region, rule, actor

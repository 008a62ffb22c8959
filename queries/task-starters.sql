-- title: Starters of tasks
-- group: tasks
-- description: RunTask and StartTask calls by starter: EventBridge rules and schedules, Step Functions, AWS
--   Batch, pipelines, people (console or CLI), and programs, with the number of calls, tasks placed, calls
--   that placed fewer tasks than requested, and failed calls. Rules and schedules are listed under their
--   names, as in started_by. All others are listed under the actor, and so are failed calls without a
--   recorded request.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
WITH calls AS (
  SELECT
    *,
    coalesce(user_identity_invoked_by, source_ip_address) AS invoker,
    CASE WHEN task_ids IS NULL THEN 0 ELSE coalesce(array_length(task_ids), 0) END AS placed,
    CASE WHEN failure_reasons IS NULL THEN 0 ELSE coalesce(array_length(failure_reasons), 0) END AS failures
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RunTask', 'StartTask')
    AND coalesce(dry_run, false) = false
    AND ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
    AND ($cluster IS NULL OR cluster_name = $cluster)
),
kinds AS (
  SELECT
    *,
    CASE
      WHEN started_by LIKE 'events-rule/%' OR invoker = 'events.amazonaws.com' THEN 'EventBridge rule'
      WHEN started_by LIKE 'chronos-schedule/%' OR invoker = 'scheduler.amazonaws.com' THEN 'EventBridge Scheduler'
      WHEN started_by LIKE 'AWS Step Functions%' OR invoker = 'states.amazonaws.com' THEN 'Step Functions'
      WHEN invoker = 'batch.amazonaws.com' THEN 'AWS Batch'
      WHEN started_by LIKE 'ecs-svc/%' THEN 'service'
      WHEN channel = 'service' THEN 'another AWS service'
      WHEN channel IN ('cloudformation', 'terraform', 'pulumi', 'crossplane', 'cdk', 'github-actions', 'gitlab',
        'codepipeline') THEN 'pipeline or IaC'
      WHEN channel IN ('console', 'cli') THEN 'console or CLI'
      ELSE 'program'
    END AS kind,
    CASE
      WHEN started_by LIKE 'events-rule/%' OR started_by LIKE 'chronos-schedule/%' THEN started_by
      ELSE actor
    END AS starter
  FROM calls
)
SELECT
  kind,
  starter,
  account_id AS account,
  region,
  count(*) AS calls,
  sum(placed) AS tasks_placed,
  count(CASE WHEN failures > 0 THEN 1 END) AS calls_with_placement_failures,
  count(error_code) AS failed_calls,
  min(event_time) AS first_call,
  max(event_time) AS last_call
FROM kinds
GROUP BY kind, starter, account_id, region
ORDER BY calls DESC, kind, starter, account, region

-- title: Tasks not placed, and other failures without an error code
-- group: failures
-- severity: medium
-- description: A RunTask or StartTask call can succeed, without an error code, and place fewer tasks than
--   requested. Each row is one failure in the response: the reason, what it means, and the resource that
--   could not run the task, such as a container instance. Failures to drain instances, protect tasks, and
--   delete task definitions are listed too. Failed calls are not listed, nor are tasks of services, because
--   ECS places them without a call. If there is no started_by, the caller is shown.
-- param cluster cluster default null: Cluster; default: all
-- param task_definition task_definition default null: Task definition; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
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
  failure_reason AS reason,
  CASE
    WHEN failure_reason LIKE 'RESOURCE:CPU%' THEN 'not enough CPU left on the instance'
    WHEN failure_reason LIKE 'RESOURCE:MEMORY%' THEN 'not enough memory left on the instance'
    WHEN failure_reason LIKE 'RESOURCE:ENI%' THEN 'no network interface left to attach (network mode awsvpc)'
    WHEN failure_reason LIKE 'RESOURCE:PORT%' THEN 'a host port is taken on the instance'
    WHEN failure_reason LIKE 'RESOURCE:GPU%' THEN 'not enough GPUs left on the instance'
    WHEN failure_reason LIKE 'RESOURCE:%' THEN 'a resource of the instance is used up'
    WHEN failure_reason = 'AGENT' THEN 'the container agent is disconnected'
    WHEN failure_reason = 'ATTRIBUTE' THEN 'the instance lacks an attribute that the task definition needs'
    WHEN failure_reason = 'LOCATION' THEN 'the subnets are in another Availability Zone than the instance'
    WHEN failure_reason LIKE 'EMPTY CAPACITY PROVIDER%' THEN 'the capacity provider has no instance'
    WHEN failure_reason LIKE 'Capacity is unavailable%' THEN 'Fargate has no capacity at the moment'
    WHEN failure_reason = 'INACTIVE' THEN 'the instance was deregistered'
    WHEN failure_reason = 'MISSING' THEN 'not found in this cluster and region'
    WHEN failure_reason = 'DEPLOYMENT_BLOCKED' THEN 'the protected tasks keep a deployment from becoming stable'
    WHEN failure_reason = 'TASK_NOT_VALID' THEN 'the task does not belong to a service'
  END AS meaning,
  failure_detail AS detail,
  coalesce(
    nullif(split_part(failure_arn, '/', 3), ''),
    nullif(split_part(failure_arn, '/', 2), ''),
    failure_arn
  ) AS resource,
  CASE WHEN event_name = 'RunTask' THEN coalesce(requested_task_count, 1) END AS tasks_requested,
  CASE
    WHEN event_name IN ('RunTask', 'StartTask') THEN
      CASE WHEN task_ids IS NULL THEN 0 ELSE coalesce(array_length(task_ids), 0) END
  END AS tasks_placed,
  coalesce(started_by, actor) AS started_by,
  failure_position,
  event_id
FROM failures
WHERE event_source = 'ecs.amazonaws.com'
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task_definition IS NULL OR task_definition_family = $task_definition
    OR task_definition_family || ':' || CAST(task_definition_revision AS VARCHAR) = $task_definition)
ORDER BY event_time DESC, event_id, record_hash, failure_position

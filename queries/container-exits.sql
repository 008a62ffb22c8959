-- title: Containers that exited or never started, and why
-- group: tasks
-- description: Exit codes of containers, as the container agent reported them (SubmitContainerStateChange,
--   SubmitTaskStateChange) or as the response to StopTask showed them. Containers without an exit code
--   whose record has a reason, such as CannotPullContainerError, never started and are listed too. meaning
--   explains well-known codes and reasons. A container that is reported twice with the same code is listed
--   once, at the first report. The agent makes these calls on EC2 and ECS Anywhere instances. On Fargate
--   the agent belongs to AWS and does not appear in the trail. Exit code 0 is excluded unless include_zero
--   is true.
-- param cluster cluster default null: Cluster; default: all
-- param task task default null: Task; default: all
-- param include_zero boolean default false: Include containers that exited with code 0
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
WITH exits AS (
  SELECT
    *,
    array_element(task_ids, 1) AS task_id,
    -- the reason of a call applies to the container if the call is about a container
    coalesce(container_reason, CASE WHEN event_name = 'SubmitContainerStateChange' THEN reason END) AS own_reason,
    row_number() OVER (
      PARTITION BY account_id, region, array_element(task_ids, 1), container_name, container_exit_code
      ORDER BY event_time, event_id, record_hash, container_position
    ) AS report
  FROM containers
  WHERE event_source = 'ecs.amazonaws.com'
    AND (container_exit_code IS NOT NULL OR container_reason IS NOT NULL
      OR event_name = 'SubmitContainerStateChange' AND reason IS NOT NULL)
    AND coalesce(dry_run, false) = false
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  task_id,
  container_name AS container,
  container_exit_code AS exit_code,
  CASE
    WHEN position('OutOfMemory' IN own_reason) > 0 THEN 'killed: out of memory'
    WHEN position('CannotPull' IN own_reason) > 0 THEN 'the image could not be pulled'
    WHEN position('CannotCreate' IN own_reason) > 0 THEN 'the container could not be created'
    WHEN position('CannotStart' IN own_reason) > 0 THEN 'the container could not be started'
    WHEN position('Timeout' IN own_reason) > 0 THEN 'the container runtime did not answer in time'
    WHEN container_exit_code = 0 THEN 'ended as planned'
    WHEN container_exit_code = 1 THEN 'error of the application'
    WHEN container_exit_code = 2 THEN 'wrong use of a shell command'
    WHEN container_exit_code = 125 THEN 'the container could not be run'
    WHEN container_exit_code = 126 THEN 'the command could not be executed'
    WHEN container_exit_code = 127 THEN 'the command was not found'
    WHEN container_exit_code = 130 THEN 'interrupted (SIGINT)'
    WHEN container_exit_code = 134 THEN 'aborted (SIGABRT)'
    WHEN container_exit_code = 137 THEN 'killed (SIGKILL): out of memory, or not stopped in time'
    WHEN container_exit_code = 139 THEN 'memory access violation (SIGSEGV)'
    WHEN container_exit_code = 143 THEN 'terminated (SIGTERM)'
    WHEN container_exit_code = 255 THEN 'error of the application, or outside the range of exit codes'
    WHEN container_exit_code IS NULL THEN 'ended without an exit code'
  END AS meaning,
  coalesce(own_reason, reason) AS reason,
  CASE WHEN channel = 'agent' THEN role_session_name END AS instance,
  event_name,
  event_id
FROM exits
WHERE report = 1
  AND (container_exit_code IS NULL OR container_exit_code <> 0 OR $include_zero = true)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time DESC, event_id, record_hash, container_position

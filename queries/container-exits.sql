-- title: Containers that ended, and how
-- group: tasks
-- description: Exit codes of containers as the container agent reported them
--   (SubmitContainerStateChange, SubmitTaskStateChange) or as an answer to StopTask showed them,
--   with what well-known codes mean. A container that is reported twice with the same code is shown
--   once, at the first report. The agent calls from instances of EC2 and ECS Anywhere; on Fargate
--   it belongs to AWS and does not appear in the trail. Exit code 0 is left out unless asked for.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- param task task default null: Task; all when left out
-- param include_zero boolean default false: Show containers that ended with exit code 0 too
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
WITH exits AS (
  SELECT
    *,
    array_element(task_ids, 1) AS task_id,
    row_number() OVER (
      PARTITION BY recipient_account_id, region, array_element(task_ids, 1), container_name, container_exit_code
      ORDER BY event_time, event_id
    ) AS report
  FROM containers
  WHERE event_source = 'ecs.amazonaws.com'
    AND container_exit_code IS NOT NULL
)
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  cluster_name AS cluster,
  task_id,
  container_name AS container,
  container_exit_code AS exit_code,
  CASE container_exit_code
    WHEN 0 THEN 'ended as planned'
    WHEN 1 THEN 'error of the application'
    WHEN 2 THEN 'wrong use of a shell command'
    WHEN 125 THEN 'the container could not be run'
    WHEN 126 THEN 'the command could not be executed'
    WHEN 127 THEN 'the command was not found'
    WHEN 130 THEN 'interrupted (SIGINT)'
    WHEN 134 THEN 'aborted (SIGABRT)'
    WHEN 137 THEN 'killed (SIGKILL): out of memory, or not stopped in time'
    WHEN 139 THEN 'memory access violation (SIGSEGV)'
    WHEN 143 THEN 'told to end (SIGTERM)'
    WHEN 255 THEN 'error of the application, or outside the range of exit codes'
  END AS meaning,
  reason,
  CASE WHEN channel = 'agent' THEN role_session_name END AS instance,
  event_name,
  event_id
FROM exits
WHERE report = 1
  AND (container_exit_code <> 0 OR $include_zero = true)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time DESC, event_id, container

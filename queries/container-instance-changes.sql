-- title: Container instances registered, changed, and deregistered
-- group: scaling
-- description: Container instances that their agent registered (it does so again at each restart), or that
--   were drained, activated, updated, deregistered, or given attributes (see request), with the EC2
--   instances behind them. When an instance is terminated, ECS deregisters it without a call. Failed calls
--   are listed with their error_code. Failures without an error code have their own column.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  CASE event_name
    WHEN 'RegisterContainerInstance' THEN 'registered'
    WHEN 'DeregisterContainerInstance' THEN 'deregistered'
    WHEN 'UpdateContainerAgent' THEN 'agent update'
    WHEN 'PutAttributes' THEN 'attributes set'
    WHEN 'DeleteAttributes' THEN 'attributes removed'
    ELSE coalesce('set to ' || requested_status, 'set to a status')
  END AS change,
  CASE WHEN container_instance_ids IS NULL THEN NULL ELSE array_to_string(container_instance_ids, ', ') END
    AS container_instances,
  CASE WHEN ec2_instance_ids IS NULL THEN NULL ELSE array_to_string(ec2_instance_ids, ', ') END AS ec2_instances,
  agent_version,
  running_count AS running_tasks,
  CASE WHEN event_name IN ('PutAttributes', 'DeleteAttributes') THEN request_parameters END AS request,
  CASE WHEN failure_reasons IS NULL THEN NULL ELSE nullif(array_to_string(failure_reasons, ', '), '') END AS failures,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN (
    'RegisterContainerInstance', 'DeregisterContainerInstance', 'UpdateContainerInstancesState',
    'UpdateContainerAgent', 'PutAttributes', 'DeleteAttributes'
  )
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

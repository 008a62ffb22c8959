-- title: Resources deleted, deregistered, or scaled to zero
-- group: inventory
-- description: Successful calls that delete or deregister something, and UpdateService calls that set the
--   desired count to 0, newest first. resource is the most specific name in the record. Resources that are
--   deleted along with others, such as the services of a stack, have their own calls. Deleted account
--   settings are in account-settings-changes.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_name,
  CASE
    WHEN event_name = 'DeleteCluster' THEN cluster_name
    WHEN event_name = 'DeleteCapacityProvider' THEN array_to_string(capacity_providers, ', ')
    WHEN event_name = 'DeregisterContainerInstance' THEN array_to_string(container_instance_ids, ', ')
    ELSE coalesce(task_set_arn, service_name, daemon_arn, daemon_task_definition_arn,
      task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), ''),
      gateway_arn, target_resource_arn)
  END AS resource,
  actor,
  person,
  channel,
  source_ip_address,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND (substr(event_name, 1, 6) = 'Delete' AND event_name <> 'DeleteAccountSetting'
    OR substr(event_name, 1, 10) = 'Deregister'
    OR requested_desired_count = 0 AND event_name = 'UpdateService')
  AND error_code IS NULL
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

-- title: Changes to cluster settings
-- group: posture
-- description: Calls that create a cluster or change its settings, configuration, or capacity providers,
--   newest first, with the request as CloudTrail recorded it. containerInsights turns monitoring on or off.
--   executeCommandConfiguration sets the logging of ECS Exec. Failed calls are listed with their error.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateClusterSettings.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_name,
  request_parameters,
  actor,
  person,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('CreateCluster', 'UpdateCluster', 'UpdateClusterSettings', 'PutClusterCapacityProviders')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

-- title: Changes to capacity providers
-- group: scaling
-- description: Calls that create, change, or delete a capacity provider, or that set which ones a cluster
--   uses. The request shows managed scaling and the default strategy. Capacity providers for Auto Scaling
--   groups belong to a cluster only once the cluster names them. Failed calls are listed with their
--   error_code.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  event_name,
  CASE
    WHEN capacity_providers IS NULL THEN NULL
    ELSE array_to_string(capacity_providers, ', ')
  END AS capacity_providers,
  request_parameters AS request,
  actor,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN (
    'CreateCapacityProvider', 'UpdateCapacityProvider', 'DeleteCapacityProvider', 'PutClusterCapacityProviders'
  )
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

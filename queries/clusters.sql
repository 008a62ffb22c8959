-- title: Clusters in the history
-- group: inventory
-- description: One row per cluster that a successful call named: when and by whom it was created and
--   deleted, as far as the history goes back, how many services were seen in it, and its last change.
--   Clusters named only by failed calls, dry runs, or DescribeClusters may not exist and are not listed.
--   until shows the state on that day. from excludes clusters without calls since that day.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html
SELECT
  account_id AS account,
  region,
  cluster_name AS cluster,
  CASE
    WHEN max(CASE WHEN event_name = 'DeleteCluster' THEN event_time END)
      >= coalesce(max(CASE WHEN event_name = 'CreateCluster' THEN event_time END),
        max(CASE WHEN event_name = 'DeleteCluster' THEN event_time END)) THEN 'deleted'
    ELSE 'active'
  END AS state,
  max(CASE WHEN event_name = 'CreateCluster' THEN event_time END) AS created_at,
  substr(max(CASE WHEN event_name = 'CreateCluster' THEN
    CAST(to_unixtime(event_time) AS VARCHAR) || ' ' || actor END), 12) AS created_by,
  max(CASE WHEN event_name = 'DeleteCluster' THEN event_time END) AS deleted_at,
  count(DISTINCT service_name) AS service_count,
  count(*) AS calls,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  max(CASE WHEN is_write THEN event_time END) AS last_change,
  max(event_time) AS last_seen
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name <> 'DescribeClusters'      -- also succeeds for clusters that do not exist
  AND cluster_name IS NOT NULL
  AND error_code IS NULL
  AND coalesce(dry_run, false) = false
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
GROUP BY account_id, region, cluster_name
HAVING ($from IS NULL OR max(date) >= $from)
ORDER BY account, region, cluster

-- title: Scaling changes by service and origin
-- group: scaling
-- description: Per service: how many changes of the desired count came from auto scaling, the console, the
--   CLI, pipelines and infrastructure as code, and other sources (SDKs, other AWS services), with the
--   lowest and the highest count that was set. Only successful calls that changed the last known count are
--   counted. Creating a service is not counted.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
WITH changes AS (
  SELECT *
  FROM service_changes
  WHERE requested_desired_count <> coalesce(previous_desired_count, -1)
    AND event_name = 'UpdateService'
    AND ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
    AND ($cluster IS NULL OR cluster_name = $cluster)
    AND ($service IS NULL OR service_name = $service)
)
SELECT
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  count(*) AS changes,
  count(CASE WHEN channel = 'autoscaling' THEN 1 END) AS auto_scaling,
  count(CASE WHEN channel = 'console' THEN 1 END) AS console,
  count(CASE WHEN channel = 'cli' THEN 1 END) AS cli,
  count(CASE
    WHEN channel IN ('cloudformation', 'terraform', 'pulumi', 'crossplane', 'cdk', 'github-actions', 'gitlab',
      'codepipeline') THEN 1
  END) AS pipelines_and_iac,
  count(CASE
    WHEN channel NOT IN (
      'autoscaling', 'console', 'cli', 'cloudformation', 'terraform', 'pulumi', 'crossplane', 'cdk', 'github-actions',
      'gitlab', 'codepipeline'
    ) THEN 1
  END) AS others,
  min(requested_desired_count) AS smallest_count,
  max(requested_desired_count) AS largest_count,
  max(event_time) AS last_change
FROM changes
GROUP BY account_id, region, cluster_name, service_name
ORDER BY changes DESC, account, region, cluster, service

-- title: Manual changes to services deployed by code
-- group: access
-- severity: medium
-- description: Successful changes to a service through the console or the CLI, where infrastructure as code
--   or a pipeline also changes the same service (ClickOps). last_automated_change is the previous automated
--   change. next_automated_change is the one that may have reverted the manual change. Each is empty if the
--   history has no such change. A pipeline that runs the AWS CLI looks like a person: in that case, narrow
--   manual.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- param manual text default console,cli: Channels that count as manual, comma-separated
-- param automated text default terraform,pulumi,crossplane,cloudformation,cdk,github-actions,gitlab,codepipeline:
--   Channels that count as code or pipeline, comma-separated
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
WITH changes AS (
  SELECT
    events.*,
    CASE WHEN array_has(string_to_array(replace($automated, ' ', ''), ','), channel) THEN event_time
    END AS automated_time,
    CASE WHEN array_has(string_to_array(replace($automated, ' ', ''), ','), channel) THEN channel
    END AS automated_channel
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND is_write
    AND service_name IS NOT NULL
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
changes_in_order AS (
  SELECT
    changes.*,
    lag(automated_time) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash) AS last_automated_change,
    lag(automated_channel) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash) AS last_automated_channel,
    lead(automated_time) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash) AS next_automated_change
  FROM changes
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  actor,
  person,
  channel,
  last_automated_change,
  last_automated_channel,
  next_automated_change,
  event_id
FROM changes_in_order
WHERE array_has(string_to_array(replace($manual, ' ', ''), ','), channel)
  AND (last_automated_change IS NOT NULL OR next_automated_change IS NOT NULL)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

-- title: Changes by hand to services that are deployed by code
-- group: access
-- severity: medium
-- description: Successful changes to a service through the console or the CLI, where the same service is also
--   changed by infrastructure as code or a pipeline (ClickOps). last_automated_change is the one before,
--   next_automated_change the one that may have taken the change back; empty where the history has none.
--   A pipeline that runs the AWS CLI looks like a person: narrow manual then.
-- param cluster cluster default null: Cluster; all when left out
-- param service service default null: Service; all when left out
-- param manual text default console,cli: Channels that count as by hand, comma separated
-- param automated text default terraform,pulumi,crossplane,cloudformation,cdk,github-actions,gitlab,codepipeline:
--   Channels that count as code or pipeline, comma separated
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

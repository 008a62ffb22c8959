-- title: Network settings of services, before and after
-- group: deployments
-- description: Changes to the subnets, security groups, or public IP setting of a service from the last
--   known ones, and the settings with which services were created. The value before is empty if the history
--   has no earlier settings, and such a row is not necessarily a change. Lists are sorted, so a different
--   order does not count as a change. A service whose tasks do not use the awsvpc network mode has no such
--   settings. Failed calls are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
WITH calls AS (
  SELECT
    event_time,
    event_id,
    record_hash,
    date,
    account_id,
    region,
    cluster_name,
    service_name,
    event_name,
    position('"networkConfiguration"' IN coalesce(request_parameters, '')) > 0 AS names_network,
    array_to_string(array_except(subnets, string_to_array('', ',')), ', ') AS subnets,
    array_to_string(array_except(security_groups, string_to_array('', ',')), ', ') AS security_groups,
    assign_public_ip,
    actor,
    channel
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('CreateService', 'UpdateService')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
steps AS (
  SELECT
    *,
    lag(subnets) OVER (
      PARTITION BY account_id, region, cluster_name, service_name ORDER BY event_time, event_id, record_hash
    ) AS subnets_before,
    lag(security_groups) OVER (
      PARTITION BY account_id, region, cluster_name, service_name ORDER BY event_time, event_id, record_hash
    ) AS security_groups_before,
    lag(assign_public_ip) OVER (
      PARTITION BY account_id, region, cluster_name, service_name ORDER BY event_time, event_id, record_hash
    ) AS public_ip_before
  FROM calls
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  CASE WHEN event_name = 'CreateService' THEN 'created' ELSE 'changed' END AS change,
  CASE WHEN event_name = 'UpdateService' THEN subnets_before END AS subnets_before,
  subnets AS subnets_after,
  CASE WHEN event_name = 'UpdateService' THEN security_groups_before END AS security_groups_before,
  security_groups AS security_groups_after,
  CASE WHEN event_name = 'UpdateService' THEN public_ip_before END AS public_ip_before,
  assign_public_ip AS public_ip_after,
  actor,
  channel,
  event_id
FROM steps
WHERE names_network
  AND (
    event_name = 'CreateService'
    OR subnets <> coalesce(subnets_before, '')
    OR coalesce(security_groups, '') <> coalesce(security_groups_before, '')
    OR coalesce(assign_public_ip, '') <> coalesce(public_ip_before, '')
  )
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

-- title: Many or large tasks with a public image in a new cluster
-- group: posture
-- severity: critical
-- description: The pattern of cryptomining with stolen credentials: RunTask, StartTask, CreateService, and
--   UpdateService calls for at least min_vcpu vCPUs in total, with an image from a public registry, in a
--   cluster first seen at most the given number of hours before, in an account whose history is longer than
--   that (a cluster in a new Region always counts as new). The number of vCPUs is that of the task
--   definition multiplied by the requested number of tasks, or by the service's desired count if the call
--   gives no number. This is a heuristic: a load test looks the same, and a miner in an old cluster is not
--   found. The image and the size come from the call or from RegisterTaskDefinition. A call without either
--   is not listed.
-- param cluster cluster default null: Cluster; default: all
-- param min_vcpu number default 16: Minimum total number of vCPUs that the call requests
-- param hours integer default 24: Maximum age of the cluster in hours
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/guardduty/latest/ug/findings-runtime-monitoring.html
WITH accounts AS (
  SELECT coalesce(account_id, '') AS account, min(event_time) AS account_seen
  FROM events
  GROUP BY 1
),
clusters_seen AS (
  SELECT
    coalesce(account_id, '') || '/' || region || '/' || cluster_name AS cluster_key,
    min(event_time) AS cluster_seen
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND error_code IS NULL
  GROUP BY 1
),
registrations AS (
  SELECT
    task_definition_arn,
    max(array_to_string(container_images, ', ')) AS registered_images,
    max(task_cpu) AS registered_cpu
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'RegisterTaskDefinition'
    AND coalesce(dry_run, false) = false
  GROUP BY task_definition_arn
),
starts AS (
  SELECT
    events.*,
    account_seen,
    cluster_seen,
    coalesce(requested_desired_count, requested_task_count, desired_count, array_length(task_ids), 1) AS task_count,
    coalesce(registered_images, array_element(container_images, 1)) AS images,
    coalesce(task_cpu, registered_cpu) AS cpu
  FROM events
  JOIN accounts ON account = coalesce(events.account_id, '')
  JOIN clusters_seen
    ON cluster_key = coalesce(events.account_id, '') || '/' || region || '/' || cluster_name
  LEFT JOIN registrations ON registrations.task_definition_arn = events.task_definition_arn
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RunTask', 'StartTask', 'CreateService', 'UpdateService')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
sized_starts AS (
  SELECT
    starts.*,
    CASE WHEN regexp_like(cpu, '^[0-9]+$') THEN CAST(cpu AS DOUBLE) / 1024 * task_count END AS vcpu
  FROM starts
)
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  task_count,
  round(vcpu, 2) AS vcpu,
  images,
  assign_public_ip,
  cluster_seen,
  actor,
  source_ip_address,
  event_id
FROM sized_starts
WHERE vcpu >= $min_vcpu
  AND regexp_like(images,
    '(^|, )([^/, ]*(,|$)|[^/.:, ]*/|(public[.]ecr[.]aws|docker[.]io|quay[.]io|ghcr[.]io|gcr[.]io)/)')
  AND to_unixtime(event_time) - to_unixtime(cluster_seen) <= $hours * 3600
  AND to_unixtime(cluster_seen) - to_unixtime(account_seen) > $hours * 3600
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

-- title: Deployment frequency by service
-- group: deployments
-- description: Per week (starting Monday, UTC) and service: deployments (changes of the task definition or
--   the primary task set, and forced redeployments), how many of them were rollbacks, failed calls, the
--   distinct actors of these, and the median number of seconds since the previous deployment, which may be
--   in an earlier week. Creating a service does not count as a deployment. A denied call counts for the
--   service that its error names, if any.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- needs: ecs.amazonaws.com
-- chart: bar x=week y=deployments series=service
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
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
    actor,
    error_code,
    task_definition_family,
    task_definition_revision,
    coalesce(force_new_deployment, false) OR event_name = 'UpdateServicePrimaryTaskSet' AS forced,
    position('"taskDefinition' IN coalesce(request_parameters, '')) > 0
      OR event_name = 'UpdateServicePrimaryTaskSet' AS names_task_definition,
    last_value(CASE WHEN error_code IS NULL THEN task_definition_family END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_family,
    last_value(CASE WHEN error_code IS NULL THEN task_definition_revision END) IGNORE NULLS OVER (
      PARTITION BY account_id, region, cluster_name, service_name
      ORDER BY event_time, event_id, record_hash
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS known_revision
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet')
    AND coalesce(dry_run, false) = false
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
judged AS (
  SELECT
    *,
    CASE
      WHEN event_name = 'CreateService' OR error_code IS NOT NULL THEN false
      WHEN forced THEN true
      ELSE names_task_definition
        AND (
          task_definition_family <> coalesce(known_family, '')
          OR task_definition_revision <> coalesce(known_revision, 0)
        )
    END AS is_deployment
  FROM calls
),
timed AS (
  SELECT
    *,
    is_deployment
      AND coalesce(task_definition_family = known_family AND task_definition_revision < known_revision, false)
      AND names_task_definition AS is_rollback,
    CASE
      WHEN is_deployment THEN to_unixtime(event_time) - last_value(
        CASE WHEN is_deployment THEN to_unixtime(event_time) END
      ) IGNORE NULLS OVER (
        PARTITION BY account_id, region, cluster_name, service_name
        ORDER BY event_time, event_id, record_hash
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      )
    END AS gap
  FROM judged
),
shown AS (
  SELECT
    *,
    CAST(date_trunc('week', event_time) AS DATE) AS week
  FROM timed
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
),
ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY week, account_id, region, cluster_name, service_name
      ORDER BY gap, event_time, event_id, record_hash
    ) AS place,
    count(gap) OVER (
      PARTITION BY week, account_id, region, cluster_name, service_name
    ) AS gaps
  FROM shown
)
SELECT
  week,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  count(CASE WHEN is_deployment THEN 1 END) AS deployments,
  count(CASE WHEN is_rollback THEN 1 END) AS rollbacks,
  count(error_code) AS failed_calls,
  count(DISTINCT CASE WHEN is_deployment OR error_code IS NOT NULL THEN actor END) AS actor_count,
  -- The middle gap, or the mean of the two middle ones.
  avg(CASE WHEN (2 * place) IN (gaps, gaps + 1, gaps + 2) THEN CAST(gap AS DOUBLE) END) AS median_seconds_between
FROM ranked
GROUP BY week, account_id, region, cluster_name, service_name
HAVING count(CASE WHEN is_deployment THEN 1 END) > 0
  OR count(error_code) > 0
ORDER BY deployments DESC, week, account, region, cluster, service

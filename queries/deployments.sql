-- title: Who deployed what, and when
-- description: Each call that creates, changes or deletes a service, newest first, with the task
--   definition and the count of tasks that were asked for, who called and how. A call that failed
--   is listed too: it has an error_code. Calls that leave the task definition as it is, such as
--   those of auto scaling, show the one in use.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param cluster text default null: Name of the cluster; all when left out
-- param service text default null: Name of the service; all when left out
-- needs: ecs.amazonaws.com
SELECT
  event_time,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  CASE
    WHEN task_definition_revision IS NULL THEN task_definition_family
    ELSE concat(task_definition_family, ':', CAST(task_definition_revision AS VARCHAR))
  END AS task_definition,
  force_new_deployment AS forced,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  actor,
  channel,
  error_code
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('CreateService', 'UpdateService', 'DeleteService')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, region, cluster, service, event_id

SELECT
  events.*,
  position('"taskDefinition' IN coalesce(request_parameters, '')) > 0
    OR event_name = 'UpdateServicePrimaryTaskSet' AS names_task_definition,
  last_value(task_definition_arn) IGNORE NULLS OVER (
    PARTITION BY account_id, region, cluster_name, service_name
    ORDER BY event_time, event_id, record_hash
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS previous_task_definition_arn,
  last_value(task_definition_family) IGNORE NULLS OVER (
    PARTITION BY account_id, region, cluster_name, service_name
    ORDER BY event_time, event_id, record_hash
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS previous_task_definition_family,
  last_value(task_definition_revision) IGNORE NULLS OVER (
    PARTITION BY account_id, region, cluster_name, service_name
    ORDER BY event_time, event_id, record_hash
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS previous_task_definition_revision,
  -- For a task set this would be its own count.
  last_value(
    CASE WHEN event_name <> 'UpdateServicePrimaryTaskSet' THEN coalesce(desired_count, requested_desired_count) END
  ) IGNORE NULLS OVER (
    PARTITION BY account_id, region, cluster_name, service_name
    ORDER BY event_time, event_id, record_hash
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  ) AS previous_desired_count
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('CreateService', 'UpdateService', 'UpdateServicePrimaryTaskSet')
  AND error_code IS NULL
  AND coalesce(dry_run, false) = false

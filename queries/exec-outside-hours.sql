-- title: ECS Exec outside working hours
-- group: exec
-- severity: medium
-- description: ExecuteCommand calls, successful or not, before the first or after the last working hour, or
--   on a weekend, newest first. Hours and weekends are those of the time zone, daylight saving time
--   included; event_time is in UTC. Dry runs open no session and are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param time_zone time_zone default UTC: Time zone of the working hours, such as Europe/Berlin
-- param first_hour integer default 7: First working hour of the day
-- param last_hour integer default 18: Last working hour of the day; 18 includes 18:59
-- param weekends boolean default true: Treat Saturday and Sunday as outside working hours
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  CASE WHEN task_ids IS NOT NULL THEN array_element(task_ids, 1) END AS task_id,
  CASE WHEN container_names IS NOT NULL THEN array_element(container_names, 1) END AS container,
  exec_command AS command,
  actor,
  person,
  channel,
  source_ip_address,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name = 'ExecuteCommand'
  AND (EXTRACT(HOUR FROM local_time(event_time, $time_zone)) < $first_hour
    OR EXTRACT(HOUR FROM local_time(event_time, $time_zone)) > $last_hour
    OR ($weekends AND EXTRACT(ISODOW FROM local_time(event_time, $time_zone)) >= 6))
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

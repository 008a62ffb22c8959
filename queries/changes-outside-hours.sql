-- title: Changes outside working hours
-- group: access
-- severity: low
-- description: Writes to Amazon ECS before the first or after the last working hour or on a weekend,
--   through channels that people use, newest first. Failed calls are listed with their error. Services,
--   auto scaling, agents, and pipelines work at all hours and are excluded. SDKs are excluded too: add them
--   to channels if people use them. Hours and weekends are those of the time zone, daylight saving time
--   included; event_time is in UTC. Dry runs are not listed.
-- param cluster cluster default null: Cluster; default: all
-- param service service default null: Service; default: all
-- param time_zone time_zone default UTC: Time zone of the working hours, such as Europe/Berlin
-- param first_hour integer default 7: First working hour of the day
-- param last_hour integer default 18: Last working hour of the day; 18 includes 18:59
-- param weekends boolean default true: Treat Saturday and Sunday as outside working hours
-- param channels text default console,cli,terraform,pulumi,cdk: Channels that people use, comma-separated
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  event_time,
  account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  actor,
  person,
  channel,
  source_ip_address,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND is_write
  AND (EXTRACT(HOUR FROM local_time(event_time, $time_zone)) < $first_hour
    OR EXTRACT(HOUR FROM local_time(event_time, $time_zone)) > $last_hour
    OR ($weekends AND EXTRACT(ISODOW FROM local_time(event_time, $time_zone)) >= 6))
  AND array_has(string_to_array(replace($channels, ' ', ''), ','), channel)
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
  AND ($service IS NULL OR service_name = $service)
ORDER BY event_time DESC, event_id, record_hash

-- title: ECS Exec outside working hours
-- group: exec
-- severity: medium
-- description: ExecuteCommand calls, successful or not, before the first or after the last working hour, or
--   on a weekend, newest first. Hours are UTC: give those of your own working day, converted.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- param first_hour integer default 7: First working hour of the day, UTC
-- param last_hour integer default 18: Last working hour of the day, UTC; 18 means until 18:59
-- param weekends boolean default true: Whether Saturday and Sunday are outside working hours
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  cluster_name AS cluster,
  CASE WHEN task_ids IS NOT NULL THEN array_element(task_ids, 1) END AS task_id,
  CASE WHEN container_names IS NOT NULL THEN array_element(container_names, 1) END AS container,
  exec_command AS command,
  actor,
  coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
    session_source_identity, user_identity_on_behalf_of_user_id,
    CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
      THEN role_session_name END,
    user_identity_user_name) AS human,
  channel,
  source_ip_address,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name = 'ExecuteCommand'
  AND (EXTRACT(HOUR FROM event_time) < $first_hour
    OR EXTRACT(HOUR FROM event_time) > $last_hour
    OR ($weekends AND EXTRACT(ISODOW FROM event_time) >= 6))
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
ORDER BY event_time DESC, event_id

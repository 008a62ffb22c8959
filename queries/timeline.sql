-- title: Timeline of a cluster, service or task
-- group: investigation
-- description: Every write to Amazon ECS that names the cluster, service or task given, in order of time;
--   without any of them, all writes. Failed calls are here where their record names the resource, which
--   it often does not: denied-calls shows those by the resource in the error. State reports of the
--   container agent count as writes.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- param service service default null: Service; all when left out
-- param task task default null: Task; all when left out
-- needs: ecs.amazonaws.com
-- chart: timeline x=event_time y=event_name series=channel
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  cluster_name AS cluster,
  service_name AS service,
  CASE WHEN task_ids IS NOT NULL THEN array_to_string(task_ids, ', ') END AS task_ids,
  event_name,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  coalesce(requested_desired_count, desired_count) AS desired_count,
  coalesce(reason, stopped_reason) AS reason,
  actor,
  coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
    session_source_identity, user_identity_on_behalf_of_user_id,
    CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
      THEN role_session_name END,
    user_identity_user_name) AS human,
  channel,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND read_only = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
  AND ($service IS NULL OR service_name = $service)
  AND ($task IS NULL OR array_has(task_ids, $task))
ORDER BY event_time, event_id

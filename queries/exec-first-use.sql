-- title: First use of ECS Exec by each person or program
-- group: exec
-- severity: low
-- description: The first successful ExecuteCommand of each human behind a role in each account, newest first,
--   with how many sessions there are in all. Where the session names nobody, the caller stands in, all
--   sessions that programs name by themselves together as role/*. "First" means first in the history that
--   was converted: history_since is the account's first day in it, and uses near that day may not have
--   been the first. Set from to see who is new since a day.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param cluster cluster default null: Cluster; all when left out
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
WITH history AS (
  SELECT recipient_account_id, min(date) AS history_since
  FROM events
  GROUP BY recipient_account_id
),
uses AS (
  SELECT
    event_time,
    date,
    region,
    recipient_account_id,
    cluster_name,
    array_element(task_ids, 1) AS task_id,
    array_element(container_names, 1) AS container,
    exec_command,
    coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
      session_source_identity, user_identity_on_behalf_of_user_id,
      CASE WHEN regexp_like(role_session_name,
        '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
        THEN role_session_name END,
      user_identity_user_name) AS human,
    -- sessions that tasks, instances and SDKs name by themselves are put together by their role
    coalesce(CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$')
      THEN session_issuer_user_name || '/*' END, actor) AS principal,
    actor,
    channel,
    source_ip_address,
    event_id
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'ExecuteCommand'
    AND error_code IS NULL
),
numbered_uses AS (
  SELECT
    uses.*,
    row_number() OVER (
      PARTITION BY recipient_account_id, coalesce(human, principal) ORDER BY event_time, event_id) AS use_number,
    count(*) OVER (PARTITION BY recipient_account_id, coalesce(human, principal)) AS sessions
  FROM uses
)
SELECT
  event_time,
  numbered_uses.recipient_account_id AS account,
  region,
  cluster_name AS cluster,
  task_id,
  container,
  exec_command AS command,
  coalesce(human, principal) AS human,
  actor,
  channel,
  source_ip_address,
  sessions,
  history_since,
  event_id
FROM numbered_uses
LEFT JOIN history ON history.recipient_account_id = numbered_uses.recipient_account_id
WHERE use_number = 1
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR numbered_uses.recipient_account_id = $account)
  AND ($cluster IS NULL OR coalesce(cluster_name, 'default') = $cluster)
ORDER BY event_time DESC, event_id

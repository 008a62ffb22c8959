-- title: First use of ECS Exec by each person or program
-- group: exec
-- severity: low
-- description: The first successful ExecuteCommand call of each person in each account, newest first, with
--   the total number of sessions. If the record shows no person, the principal counts. Sessions that
--   programs name automatically are one principal, role/*. "First" means first in the converted history:
--   history_since is the account's first day in it, so uses near that day may not have been the first. Set
--   from to see who is new since that day. Dry runs open no session and do not count.
-- param cluster cluster default null: Cluster; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
WITH history AS (
  SELECT account_id, min(date) AS history_since
  FROM events
  GROUP BY account_id
),
uses AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    cluster_name,
    array_element(task_ids, 1) AS task_id,
    array_element(container_names, 1) AS container,
    exec_command,
    person,
    actor_group AS principal,
    actor,
    channel,
    source_ip_address,
    event_id,
    record_hash
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'ExecuteCommand'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
numbered_uses AS (
  SELECT
    uses.*,
    row_number() OVER (
      PARTITION BY account_id, coalesce(person, principal) ORDER BY event_time, event_id, record_hash) AS use_number,
    count(*) OVER (PARTITION BY account_id, coalesce(person, principal)) AS sessions
  FROM uses
)
SELECT
  event_time,
  numbered_uses.account_id AS account,
  region,
  cluster_name AS cluster,
  task_id,
  container,
  exec_command AS command,
  person,
  principal,
  actor,
  channel,
  source_ip_address,
  sessions,
  history_since,
  event_id
FROM numbered_uses
LEFT JOIN history ON coalesce(history.account_id, '') = coalesce(numbered_uses.account_id, '')
WHERE use_number = 1
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR numbered_uses.account_id = $account)
  AND ($cluster IS NULL OR cluster_name = $cluster)
ORDER BY event_time DESC, event_id, record_hash

-- title: What the roles of tasks do
-- group: access
-- description: Calls of sessions that are named after a task, which are those of task roles and task execution
--   roles, by role and operation, most frequent first. task_count counts the different task ids. An operation
--   that a role never called before, errors, or a source address outside your network are worth a look.
--   Tells most where the events of all services were converted.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param role text default null: Part of the role's name; all when left out
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
SELECT
  recipient_account_id AS account,
  region,
  session_issuer_user_name AS role_name,
  event_source,
  event_name,
  count(*) AS calls,
  count(error_code) AS errors,
  count(DISTINCT role_session_name) AS task_count,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE regexp_like(role_session_name, '^[0-9a-f]{32}$')
  -- no tasks: EventBridge names its sessions alike
  AND source_ip_address NOT IN ('events.amazonaws.com', 'scheduler.amazonaws.com')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($role IS NULL OR position(lower($role) IN lower(session_issuer_user_name)) > 0)
GROUP BY recipient_account_id, region, session_issuer_user_name, event_source, event_name
ORDER BY calls DESC, account, region, role_name, event_source, event_name

-- title: Activity of task roles
-- group: access
-- description: Calls by sessions that are named after a task, which are those of task roles and task
--   execution roles, by role and operation, most frequent first. task_count counts the distinct task IDs.
--   AWS services such as EventBridge and CloudWatch Logs also use such session names. Those sessions are
--   excluded: none of their calls comes from an IP address. Look for operations that a role never called
--   before, errors, and source addresses outside your network. This report is most useful with the events
--   of all services.
-- param role text default null: Part of the role's name; default: all
-- uses: all
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
WITH calls AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    session_issuer_user_name,
    role_session_name,
    event_source,
    event_name,
    source_ip_address,
    error_code,
    -- AWS services that assume a role use the same kind of names, but never call from an IP address
    max(CASE WHEN regexp_like(source_ip_address, '^[0-9.]+$|:|^ecs[a-z-]*[.]amazonaws[.]com') THEN 1 ELSE 0 END)
      OVER (PARTITION BY session_issuer_user_name, role_session_name) AS is_task
  FROM events
  -- task IDs: 32 hexadecimal digits, or a 36-character UUID before the migration to long ARNs
  WHERE actor_group <> actor
    AND length(role_session_name) IN (32, 36)
    AND substr(role_session_name, 1, 11) <> 'aws-sdk-js-'
)
SELECT
  account_id AS account,
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
FROM calls
WHERE is_task = 1
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($role IS NULL OR position(lower($role) IN lower(session_issuer_user_name)) > 0)
GROUP BY account_id, region, session_issuer_user_name, event_source, event_name
ORDER BY calls DESC, account, region, role_name, event_source, event_name

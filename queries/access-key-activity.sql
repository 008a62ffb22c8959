-- title: What was done with each access key
-- group: access
-- description: One row for each access key that signed calls, busiest first. Keys that begin with AKIA are
--   long-lived; those of sessions (ASIA) live for hours and are left out unless asked for. A long-lived
--   key that turns up at a new address, in a new Region or with denied calls should be looked at:
--   give it as access_key, and its address to address-activity.
-- param access_key text default null: Access key id; all long-lived ones when left out
-- param temporary boolean default false: Whether keys of temporary sessions are listed as well
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
SELECT
  account_id AS account,
  user_identity_access_key_id AS access_key,
  actor,
  count(*) AS calls,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(error_code) AS errors,
  count(DISTINCT event_source || '/' || event_name) AS operation_count,
  count(DISTINCT region) AS region_count,
  count(DISTINCT user_agent) AS user_agent_count,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE user_identity_access_key_id <> ''
  AND (user_identity_access_key_id = $access_key
    OR ($access_key IS NULL AND ($temporary OR substr(user_identity_access_key_id, 1, 4) = 'AKIA')))
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY account_id, user_identity_access_key_id, actor
ORDER BY calls DESC, account, access_key, actor

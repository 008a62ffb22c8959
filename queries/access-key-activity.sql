-- title: Activity by access key
-- group: access
-- description: One row per access key that signed calls, busiest first. Keys that begin with AKIA are
--   long-lived. Keys of temporary sessions (ASIA) last for hours and are excluded unless temporary is true.
--   Investigate a long-lived key that appears at a new address, in a new Region, or with denied calls: pass
--   it as access_key, and pass its address to address-activity.
-- param access_key text default null: Access key ID; default: all long-lived keys
-- param temporary boolean default false: Include keys of temporary sessions
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

-- title: Calls over old versions of TLS
-- group: access
-- description: Callers whose connections used a version of TLS that is not approved, by version, caller and
--   program. AWS endpoints have asked for TLS 1.2 at least since 2024, so that older ones appear in old
--   history only; approve TLSv1.3 alone to see who still holds on to 1.2. Calls of services carry no TLS
--   details and are not here.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param approved text default TLSv1.2,TLSv1.3: Approved versions as CloudTrail writes them, comma separated
-- reference: https://aws.amazon.com/blogs/security/tls-1-2-required-for-aws-endpoints/
SELECT
  recipient_account_id AS account,
  tls_version,
  actor,
  channel,
  nullif(split_part(user_agent, ' ', 1), '') AS agent,
  count(*) AS calls,
  count(DISTINCT event_source) AS event_source_count,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE array_has(string_to_array(replace($approved, ' ', ''), ','), tls_version) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
GROUP BY 1, 2, 3, 4, 5
ORDER BY tls_version, calls DESC, account, actor, channel, agent

-- title: Calls over outdated TLS versions
-- group: access
-- description: Callers whose connections used a TLS version that is not approved, by version, caller, and
--   program. AWS endpoints have required TLS 1.2 or later since 2024, so older versions appear only in
--   older history. Approve only TLSv1.3 to see who still uses TLS 1.2. 1.2 and TLSv1.2 are the same
--   version. Calls by AWS services carry no TLS details and are not listed. Records with an invalid version
--   are not listed either.
-- param approved text default TLSv1.2,TLSv1.3: Approved versions, comma-separated, such as TLSv1.2 or 1.2
-- reference: https://aws.amazon.com/blogs/security/tls-1-2-required-for-aws-endpoints/
WITH connections AS (
  SELECT
    events.*,
    replace(replace(replace(upper(tls_version), 'TLS', ''), 'V', ''), '1.0', '1') AS version_number
  FROM events
)
SELECT
  account_id AS account,
  CASE WHEN substr(version_number, 1, 3) = 'SSL' THEN tls_version ELSE 'TLSv' || version_number END AS tls_version,
  actor,
  channel,
  nullif(split_part(user_agent, ' ', 1), '') AS agent,
  count(*) AS calls,
  count(DISTINCT event_source) AS event_source_count,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM connections
-- some records have the name of the field instead of the version
WHERE regexp_like(version_number, '^(SSL)?[0-9]')
  AND array_has(string_to_array(
    replace(replace(replace(replace(upper($approved), ' ', ''), 'TLS', ''), 'V', ''), '1.0', '1'), ','),
    version_number) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY 1, 2, 3, 4, 5
ORDER BY tls_version, calls DESC, account, actor, channel, agent

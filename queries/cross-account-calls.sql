-- title: Calls from other accounts
-- group: access
-- description: Calls that an account received from a principal of another account, by caller and operation,
--   most frequent first. After an external principal has assumed a role, the role's calls come from the
--   account itself: only the AssumeRole call shows up here. Calls by AWS services name no account and are
--   not listed.
-- param caller_account account default null: Account of the caller; default: all
-- uses: sts.amazonaws.com
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
SELECT
  account_id AS account,
  region,
  user_identity_account_id AS caller_account,
  actor,
  user_identity_principal_id AS caller_id,
  event_source,
  event_name,
  count(*) AS calls,
  count(error_code) AS errors,
  string_agg(DISTINCT source_ip_address, ', ' ORDER BY source_ip_address) AS source_addresses,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE user_identity_account_id <> account_id
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($caller_account IS NULL OR user_identity_account_id = $caller_account)
GROUP BY 1, 2, 3, 4, 5, 6, 7
ORDER BY calls DESC, account, region, caller_account, actor, caller_id, event_source, event_name

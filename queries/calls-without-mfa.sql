-- title: Changes made without multi-factor authentication
-- group: access
-- severity: medium
-- description: Console sign-ins, and changes made in sessions, by root and IAM users whose records say that
--   MFA was not used, newest first. Calls signed with a long-lived access key carry no MFA information and
--   are not listed. Roles are excluded unless roles is true: for IAM Identity Center and SAML the record
--   always says false, because the identity provider handles MFA. A failed sign-in has no error code:
--   error_code shows its message.
-- param roles boolean default false: Include sessions of roles and federated users that came through the
--   console or the CLI
-- param reads boolean default false: Include read-only calls
-- uses: signin.amazonaws.com
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_source,
  event_name,
  cluster_name AS cluster,
  service_name AS service,
  user_identity_type AS identity_type,
  actor,
  channel,
  source_ip_address,
  coalesce(error_code, error_message) AS error_code,
  event_id
FROM events
WHERE (user_identity_type IN ('IAMUser', 'Root')
    OR ($roles AND channel IN ('console', 'cli')))
  AND (session_mfa_authenticated = false
    OR position('"MFAUsed":"No"' IN replace(additional_event_data, ' ', '')) > 0)
  AND (is_write OR $reads OR event_name = 'ConsoleLogin')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time DESC, event_id, record_hash

-- title: Use of the root user
-- group: access
-- severity: high
-- description: Each call of an account's root user, of sessions that the management account took with
--   AssumeRoot, and the AssumeRoot calls themselves, newest first; sign-ins to the console among them.
--   AWS advises to keep the root user for the few tasks that need it. mfa is empty where the record does
--   not say: for a sign-in see the event. A failed sign-in has no error code: error_code shows its message.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param changes_only boolean default false: Whether calls that only read are left out
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  event_source,
  event_name,
  read_only,
  CASE WHEN session_assumed_root = true THEN 'AssumeRoot' ELSE 'root user' END AS identity,
  session_mfa_authenticated AS mfa,
  channel,
  source_ip_address,
  user_agent,
  coalesce(error_code, error_message) AS error_code,
  event_id
FROM events
WHERE (user_identity_type = 'Root' OR session_assumed_root = true)
  AND ($changes_only = false OR read_only = false)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
ORDER BY event_time DESC, event_id

-- title: Use of the root user
-- group: access
-- severity: high
-- description: Each call by an account's root user, each call by a session obtained with AssumeRoot, and
--   the AssumeRoot calls themselves, newest first. Console sign-ins are included. identity distinguishes
--   the three. target is the account for which AssumeRoot requested root access, and actor is the caller.
--   AWS recommends using the root user only for the few tasks that require it. mfa is empty if the record
--   does not say: for a sign-in, see the event. A failed sign-in has no error code: error_code shows its
--   message.
-- param changes_only boolean default false: Exclude read-only calls
-- uses: all
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_source,
  event_name,
  is_write,
  CASE
    WHEN event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRoot' THEN 'AssumeRoot call'
    WHEN session_assumed_root = true THEN 'AssumeRoot session'
    ELSE 'root user'
  END AS identity,
  CASE WHEN event_name = 'AssumeRoot'
    THEN nullif(split_part(split_part(replace(request_parameters, ' ', ''), '"targetPrincipal":"', 2), '"', 1), '')
  END AS target,
  actor,
  person,
  session_mfa_authenticated AS mfa,
  channel,
  source_ip_address,
  user_agent,
  coalesce(error_code, error_message) AS error_code,
  event_id
FROM events
WHERE (user_identity_type = 'Root'
    OR event_source = 'sts.amazonaws.com' AND event_name = 'AssumeRoot')
  AND ($changes_only = false OR is_write)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time DESC, event_id, record_hash

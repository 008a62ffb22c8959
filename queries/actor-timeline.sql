-- title: Timeline of one actor
-- group: investigation
-- description: Every call, across all converted event sources, whose actor, ARN, or person behind the role
--   contains the given text, in time order. Failed calls are listed with their error. A person who assumes
--   several roles is found by the session name, which is part of the ARN. dry_run marks dry runs, which
--   change nothing.
-- param actor actor: Part of the caller's name or ARN, or of the name of the person behind it
-- param changes_only boolean default false: Exclude read-only calls
-- chart: timeline x=event_time y=event_name series=event_source
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_source,
  event_name,
  is_write,
  cluster_name AS cluster,
  service_name AS service,
  actor,
  channel,
  source_ip_address,
  error_code,
  dry_run,
  event_id
FROM events
WHERE position(lower($actor) IN lower(coalesce(actor, '') || ' ' || coalesce(user_identity_arn, '') || ' '
    || coalesce(person, '') || ' ' || coalesce(user_identity_on_behalf_of_user_id, ''))) > 0
  AND ($changes_only = false OR is_write)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time, event_id, record_hash

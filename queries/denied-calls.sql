-- title: Who was denied what
-- description: Calls that were refused for want of permission, by who called, what was denied and
--   on which resource, most frequent first. Where the error names no action, the call stands in
--   for it. One address of the caller is shown as a sample.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
SELECT
  actor,
  coalesce(denied_action, event_name) AS denied_action,
  denied_resource_arn,
  count(*) AS calls,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen,
  channel,
  max(source_ip_address) AS source_ip_address,
  error_code
FROM events
WHERE error_code IN (
    'AccessDenied',
    'AccessDeniedException',
    'Client.UnauthorizedOperation',
    'NotAuthorized',
    'UnauthorizedAccess',
    'UnauthorizedException',
    'UnauthorizedOperation'
  )
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
GROUP BY actor, coalesce(denied_action, event_name), denied_resource_arn, channel, error_code
ORDER BY calls DESC, actor, denied_action, denied_resource_arn, channel, error_code

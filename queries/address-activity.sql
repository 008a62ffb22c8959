-- title: Timeline of one source address
-- group: investigation
-- description: Every call, across all converted event sources, from one source address, in time order.
--   Failed calls are listed with their error. dry_run marks dry runs, which change nothing. A NAT gateway
--   or a proxy can stand for many callers.
-- param address text: Source address, or the host name of an AWS service
-- param changes_only boolean default false: Exclude read-only calls
-- chart: timeline x=event_time y=event_name series=actor
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
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
  user_agent,
  error_code,
  dry_run,
  event_id
FROM events
WHERE lower(source_ip_address) = lower($address)
  AND ($changes_only = false OR is_write)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time, event_id, record_hash

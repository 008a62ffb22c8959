-- title: All records of one request
-- group: investigation
-- description: All events that carry an id as their request id or their shared event id, in order of time. A
--   request id joins what one call left behind; a shared event id the copies that several accounts got
--   of the same call across accounts.
-- param id text: Request id or shared event id
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_source,
  event_name,
  cluster_name AS cluster,
  service_name AS service,
  actor,
  channel,
  source_ip_address,
  error_code,
  dry_run,
  request_id,
  shared_event_id,
  event_id
FROM events
WHERE (request_id = $id OR shared_event_id = $id)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time, account, region, event_id, record_hash

-- title: All records of one request
-- group: investigation
-- description: All events with the given request ID or shared event ID, in time order. A request ID
--   connects the events of one call. A shared event ID connects the copies of one cross-account call that
--   several accounts received.
-- param id text: Request ID or shared event ID
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

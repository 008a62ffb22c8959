-- title: Changes that failed
-- group: failures
-- description: Writes that failed for a reason other than permissions or throttling, newest first, with the
--   error message. CloudTrail often omits the request of a failed call, so cluster and service are often
--   unknown: the message may name them. A call that succeeds but places no task has no error code and is
--   not listed. Dry runs are not listed either.
-- param actor actor default null: Part of the caller's name; default: all
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
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
  error_code,
  error_message,
  event_id
FROM events
WHERE is_write
  AND regexp_like(error_code, 'AccessDenied|Unauthorized|NotAuthorized|AuthorizationError') = false
  AND regexp_like(error_code, 'Throttl|RequestLimitExceeded|TooManyRequests|SlowDown') = false
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($actor IS NULL OR position(lower($actor) IN lower(actor)) > 0)
ORDER BY event_time DESC, event_id, record_hash

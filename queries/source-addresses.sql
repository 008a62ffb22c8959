-- title: Busiest source addresses
-- group: inventory
-- description: IP addresses that calls came from, by account, busiest first, with the programs used there
--   (the first word of the user agent), the number of actors, and the number of failed calls. Calls by AWS
--   services have a host name instead of an IP address and are not listed. A NAT gateway or a proxy can
--   stand for many callers.
-- param limit integer default 100: Maximum number of rows to show
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
SELECT
  account_id AS account,
  source_ip_address,
  count(*) AS calls,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(error_code) AS errors,
  count(DISTINCT actor) AS actor_count,
  min(actor) AS one_actor,
  count(DISTINCT region) AS region_count,
  string_agg(DISTINCT split_part(user_agent, ' ', 1), ', ' ORDER BY split_part(user_agent, ' ', 1)) AS programs,
  min(event_time) AS first_seen,
  max(event_time) AS last_seen
FROM events
WHERE regexp_like(source_ip_address, '^[0-9.]+$|:')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY account_id, source_ip_address
ORDER BY calls DESC, account, source_ip_address
LIMIT $limit

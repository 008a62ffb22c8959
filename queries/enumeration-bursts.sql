-- title: Bursts of List and Describe calls
-- group: access
-- severity: low
-- description: Windows of the given length in which one caller made at least threshold List and Describe
--   calls in one account, through any channel, with the number of distinct operations and Regions. Denied
--   calls count. Windows are aligned to the clock, so a burst across a boundary falls into two windows.
--   Infrastructure as code and dashboards also read in bursts. Many different operations by a new caller,
--   or denied calls among them, are more significant than the number. Calls by services and auto scaling
--   are excluded.
-- param minutes integer default 10: Length of a window in minutes
-- param threshold integer default 25: Minimum number of calls in a window
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
WITH reads AS (
  SELECT
    event_time,
    coalesce(to_unixtime(event_time) - to_unixtime(event_time) % ($minutes * 60), -1) AS window_start,
    region,
    coalesce(account_id, '') AS account,
    coalesce(actor_group, '') AS principal,
    channel,
    event_source || ' ' || event_name AS operation,
    source_ip_address,
    error_code
  FROM events
  WHERE (substr(event_name, 1, 4) = 'List' OR substr(event_name, 1, 8) = 'Describe')
    AND channel NOT IN ('service', 'autoscaling')
    AND ($from IS NULL OR date >= $from)
    AND ($until IS NULL OR date <= $until)
    AND ($region IS NULL OR region = $region)
    AND ($account IS NULL OR account_id = $account)
),
-- distinct values are counted only in bursts: most windows have few calls
bursts AS (
  SELECT account, principal, window_start
  FROM reads
  GROUP BY account, principal, window_start
  HAVING count(*) >= $threshold
)
SELECT
  min(reads.event_time) AS first_call,
  max(reads.event_time) AS last_call,
  nullif(reads.account, '') AS account,
  nullif(reads.principal, '') AS principal,
  string_agg(DISTINCT reads.channel, ', ' ORDER BY reads.channel) AS channels,
  count(*) AS calls,
  count(DISTINCT reads.operation) AS operation_count,
  count(DISTINCT reads.region) AS region_count,
  count(reads.error_code) AS errors,
  string_agg(DISTINCT reads.source_ip_address, ', ' ORDER BY reads.source_ip_address) AS source_addresses
FROM bursts
JOIN reads ON reads.account = bursts.account
  AND reads.principal = bursts.principal
  AND reads.window_start = bursts.window_start
GROUP BY reads.account, reads.principal, reads.window_start
ORDER BY calls DESC, first_call, account, principal, last_call

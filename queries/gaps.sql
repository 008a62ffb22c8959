-- title: Days without events
-- group: inventory
-- description: Runs of days without events for an account and Region, from its first event to the last day
--   of the whole dataset, most unusual first. days_expected estimates how many of the missing days would
--   have had events at the usual rate (days_with_events of days_in_all). It is close to 0 in a Region where
--   little happens. If it is higher, the trail was off or log files were not converted. first_day_after is
--   empty if no event followed: the account may have stopped sending. from excludes gaps that ended before
--   that day. Days after until do not count.
-- param min_days integer default 1: Minimum number of missing days
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
WITH days AS (
  SELECT
    account_id,
    region,
    date,
    to_unixtime(max(date_trunc('day', event_time))) AS own_start,
    count(*) AS events
  FROM events
  WHERE ($until IS NULL OR date <= $until)
  GROUP BY account_id, region, date
),
-- days as timestamps, because not every engine subtracts dates; includes days whose events have no time
numbered_days AS (
  SELECT days.*, max(own_start) OVER (PARTITION BY date) AS day_start
  FROM days
),
days_in_order AS (
  SELECT
    numbered_days.*,
    lead(date) OVER (PARTITION BY account_id, region ORDER BY date) AS day_after,
    lead(day_start) OVER (PARTITION BY account_id, region ORDER BY date) AS start_after,
    lead(events) OVER (PARTITION BY account_id, region ORDER BY date) AS events_after,
    count(*) OVER (PARTITION BY account_id, region) AS days_with_events,
    min(day_start) OVER (PARTITION BY account_id, region) AS first_start,
    max(day_start) OVER () AS last_start
  FROM numbered_days
),
gaps AS (
  SELECT
    days_in_order.*,
    CAST(round(CAST(coalesce(start_after, last_start + 86400) - day_start AS DOUBLE) / 86400, 0) AS BIGINT) - 1
      AS days_missing,
    CAST(round(CAST(last_start - first_start AS DOUBLE) / 86400, 0) AS BIGINT) + 1 AS days_in_all
  FROM days_in_order
)
SELECT
  account_id AS account,
  region,
  date AS last_day_before,
  day_after AS first_day_after,
  days_missing,
  round(CAST(days_missing * days_with_events AS DOUBLE) / nullif(days_in_all, 0), 1) AS days_expected,
  days_with_events,
  days_in_all,
  events AS events_before,
  events_after
FROM gaps
WHERE days_missing >= $min_days
  AND ($from IS NULL OR day_after IS NULL OR day_after >= $from)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY days_expected DESC, days_missing DESC, account, region, last_day_before

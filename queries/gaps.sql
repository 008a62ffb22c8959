-- title: Days without any event
-- group: inventory
-- description: Stretches of days, between an account's first and last day in a Region, that have no event at
--   all, longest first. In a Region where nobody works that is normal; in a busy one the trail was off,
--   or log files were not converted. from and until are about the day after the gap. Days before the
--   first and after the last event do not count.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param min_days integer default 1: How many days must be missing
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
WITH days AS (
  SELECT
    recipient_account_id,
    region,
    date,
    to_unixtime(min(date_trunc('day', event_time))) AS day_start,
    count(*) AS events
  FROM events
  GROUP BY recipient_account_id, region, date
),
days_in_order AS (
  SELECT
    days.*,
    lag(date) OVER (PARTITION BY recipient_account_id, region ORDER BY date) AS day_before,
    lag(day_start) OVER (PARTITION BY recipient_account_id, region ORDER BY date) AS start_before,
    lag(events) OVER (PARTITION BY recipient_account_id, region ORDER BY date) AS events_before
  FROM days
)
SELECT
  recipient_account_id AS account,
  region,
  day_before AS last_day_before,
  date AS first_day_after,
  CAST(round(CAST(day_start - start_before AS DOUBLE) / 86400, 0) AS BIGINT) - 1 AS days_missing,
  events_before,
  events AS events_after
FROM days_in_order
WHERE day_start - start_before > $min_days * 86400
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
ORDER BY days_missing DESC, account, region, first_day_after

-- title: Activity by day
-- group: inventory
-- description: Events per day, account, Region, and event source, with the number of writes, failed calls,
--   and distinct actors. A good first look at a dataset. A missing day had no events or was not converted:
--   see gaps.
-- chart: bar x=day y=events series=region
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  date AS day,
  account_id AS account,
  region,
  event_source,
  count(*) AS events,
  count(CASE WHEN is_write THEN 1 END) AS writes,
  count(error_code) AS errors,
  count(DISTINCT actor) AS actor_count
FROM events
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY date, account_id, region, event_source
ORDER BY day, account, region, event_source

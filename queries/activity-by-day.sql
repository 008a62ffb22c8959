-- title: What happened on each day, in each region
-- description: Events per day, region and service, with the calls that change something, those
--   that failed, and how many different actors there were. A good first look at a dataset, and
--   at gaps in it: a day that is missing had no events, or was not converted.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
SELECT
  date AS day,
  region,
  event_source,
  count(*) AS events,
  count(CASE WHEN read_only = false THEN 1 END) AS writes,
  count(error_code) AS errors,
  count(DISTINCT actor) AS actors
FROM events
WHERE ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
GROUP BY date, region, event_source
ORDER BY day, region, event_source

-- title: Changes by channel: console, infrastructure as code, pipelines
-- group: access
-- description: Writes to Amazon ECS by day and channel. changes counts the successful calls, failed the
--   others. State reports of the container agent and calls by AWS services are writes too. They have their
--   own channels, so that you can compare the channels of people without them.
-- needs: ecs.amazonaws.com
-- chart: bar x=day y=changes series=channel
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html
SELECT
  date AS day,
  channel,
  count(CASE WHEN error_code IS NULL THEN 1 END) AS changes,
  count(error_code) AS failed,
  count(DISTINCT actor) AS actor_count,
  count(DISTINCT account_id) AS account_count
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND is_write
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY date, channel
ORDER BY day, channel

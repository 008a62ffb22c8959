-- title: New actors, source addresses, user agents, and Regions
-- group: access
-- description: When each principal, source address, user agent, and Region was first seen in an account, by
--   whom, and how many calls there were in total, newest first. There is one row per account, kind, and
--   value. Set from to see what is new since that day: at the beginning of the history everything is new.
--   For a user agent only the first word counts, with its version. Sessions that tasks, instances, and SDKs
--   name automatically are grouped as role/*.
-- param kind text default null: actor, source address, user agent, or region; default: all
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
WITH calls AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    actor_group AS principal,
    source_ip_address,
    nullif(split_part(user_agent, ' ', 1), '') AS agent,
    channel,
    event_id
  FROM events
),
combinations AS (
  SELECT
    account_id,
    principal,
    source_ip_address,
    agent,
    region,
    channel,
    count(*) AS calls,
    min(event_time) AS first_call,
    max(event_time) AS last_call,
    min(date) AS first_day,
    -- time and ID of the first call; all times have the same number of digits, so text order is time order
    min(CAST(200000000000 + coalesce(to_unixtime(event_time), 99999999999) AS VARCHAR) || coalesce(event_id, ''))
      AS first_event
  FROM calls
  GROUP BY account_id, principal, source_ip_address, agent, region, channel
),
sightings AS (
  SELECT
    combinations.*,
    kind,
    CASE kind
      WHEN 'actor' THEN principal
      WHEN 'source address' THEN source_ip_address
      WHEN 'user agent' THEN agent
      ELSE region
    END AS seen
  FROM combinations
  CROSS JOIN (
    SELECT 'actor' AS kind
    UNION ALL SELECT 'source address' AS kind
    UNION ALL SELECT 'user agent' AS kind
    UNION ALL SELECT 'region' AS kind
  ) AS all_kinds
),
first_sightings AS (
  SELECT
    sightings.*,
    row_number() OVER (
      PARTITION BY account_id, kind, seen
      ORDER BY first_call, first_event, principal, source_ip_address, agent, region, channel
    ) AS place,
    sum(calls) OVER (PARTITION BY account_id, kind, seen) AS all_calls,
    max(last_call) OVER (PARTITION BY account_id, kind, seen) AS last_seen
  FROM sightings
  WHERE seen IS NOT NULL
)
SELECT
  first_call AS first_seen,
  account_id AS account,
  region,
  kind,
  seen,
  principal AS first_seen_with,
  channel,
  source_ip_address,
  all_calls AS calls,
  last_seen,
  nullif(substr(first_event, 13), '') AS event_id
FROM first_sightings
WHERE place = 1
  AND ($kind IS NULL OR kind = lower($kind))
  AND ($from IS NULL OR first_day >= $from)
  AND ($until IS NULL OR first_day <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY first_seen DESC, account, kind, seen

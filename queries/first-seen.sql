-- title: New actors, source addresses, user agents and Regions
-- group: access
-- description: When each principal, source address, user agent and Region was first seen in an account, by
--   whom, and how many calls there were in all, newest first. Set from to see what is new since a day:
--   at the beginning of the history everything is new. Of a user agent only the first word counts, with
--   its version; sessions that tasks, instances and SDKs name by themselves count as role/*.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param kind text default null: actor, source address, user agent or region; all when left out
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
WITH calls AS (
  SELECT
    event_time,
    date,
    region,
    recipient_account_id,
    -- sessions that tasks, instances and SDKs name by themselves are put together by their role
    coalesce(CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$')
      THEN session_issuer_user_name || '/*' END, actor) AS principal,
    source_ip_address,
    nullif(split_part(user_agent, ' ', 1), '') AS agent,
    channel,
    event_id
  FROM events
),
combinations AS (
  SELECT
    recipient_account_id,
    principal,
    source_ip_address,
    agent,
    region,
    count(*) AS calls,
    min(event_time) AS first_seen,
    max(event_time) AS last_seen,
    -- the first event of each: instants have as many digits, so that texts are in their order
    min(CAST(to_unixtime(event_time) AS VARCHAR) || ' ' || event_id) AS first_event
  FROM calls
  GROUP BY recipient_account_id, principal, source_ip_address, agent, region
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
kinds AS (
  SELECT
    kind,
    recipient_account_id,
    seen,
    sum(calls) AS calls,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    substr(min(first_event), 12) AS event_id
  FROM sightings
  WHERE seen IS NOT NULL
  GROUP BY kind, recipient_account_id, seen
)
SELECT
  kinds.first_seen,
  kinds.recipient_account_id AS account,
  region,
  kind,
  seen,
  principal AS first_seen_with,
  channel,
  source_ip_address,
  kinds.calls,
  last_seen,
  kinds.event_id
FROM kinds
JOIN calls ON calls.event_id = kinds.event_id
WHERE ($kind IS NULL OR kind = lower($kind))
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR kinds.recipient_account_id = $account)
ORDER BY first_seen DESC, account, kind, seen, event_id

-- title: Tags added and removed
-- group: inventory
-- description: Each tag that TagResource set, one row per tag, and the keys that UntagResource removed, one
--   row per call, by resource and time. Tags set when a resource is created and tags set by the tagging
--   calls of other services are not listed. Failed calls are not listed either.
-- param resource text default null: Part of the resource's ARN; default: all
-- param tag text default null: Part of the tag's key; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
WITH tag_changes AS (
  SELECT
    event_time, date, region, account_id, target_resource_arn, event_name, tag_key, tag_value,
    actor, channel, event_id, record_hash
  FROM tags
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'TagResource'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
  UNION ALL
  SELECT
    event_time, date, region, account_id, target_resource_arn, event_name,
    array_to_string(tag_keys, ', ') AS tag_key,
    CAST(NULL AS VARCHAR) AS tag_value,
    actor, channel, event_id, record_hash
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name = 'UntagResource'
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
)
SELECT
  event_time,
  account_id AS account,
  region,
  target_resource_arn AS resource_arn,
  event_name,
  tag_key,
  tag_value,
  actor,
  channel,
  event_id
FROM tag_changes
WHERE ($resource IS NULL OR position(lower($resource) IN lower(target_resource_arn)) > 0)
  AND ($tag IS NULL OR position(lower($tag) IN lower(tag_key)) > 0)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY resource_arn, event_time, event_id, record_hash, tag_key

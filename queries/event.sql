-- title: All details of one event
-- group: investigation
-- description: The record with the given event ID: when, where, who, through which channel, the request,
--   and the result. request_parameters and response_elements are JSON as CloudTrail recorded them. Values
--   that AWS hides are hidden here, but secrets in commands are not. Best read as JSON.
-- param event_id text: Event ID
-- reference: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_source,
  event_name,
  event_type,
  is_write,
  cluster_name AS cluster,
  service_name AS service,
  task_definition_family || coalesce(':' || CAST(task_definition_revision AS VARCHAR), '') AS task_definition,
  CASE WHEN task_ids IS NOT NULL THEN array_to_string(task_ids, ', ') END AS task_ids,
  actor,
  person,
  user_identity_type AS identity_type,
  user_identity_arn AS identity_arn,
  user_identity_account_id AS caller_account,
  user_identity_access_key_id AS access_key,
  session_creation_date AS session_created,
  session_mfa_authenticated AS mfa,
  channel,
  source_ip_address,
  user_agent,
  tls_version,
  error_code,
  error_message,
  dry_run,
  request_parameters,
  response_elements,
  additional_event_data,
  request_id,
  shared_event_id,
  source_file,
  event_id
FROM events
WHERE event_id = $event_id
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
ORDER BY event_time, account, region, source_file, record_hash

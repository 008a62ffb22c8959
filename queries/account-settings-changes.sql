-- title: Account settings and who changed them
-- group: posture
-- description: PutAccountSetting, PutAccountSettingDefault and DeleteAccountSetting calls, newest first; failed
--   ones too, with their error. PutAccountSettingDefault sets what holds for every principal of the
--   account in the Region that has no setting of its own; the others set or drop that of one principal:
--   the one named in the request, or else the caller.
-- param from date default null: First day; from the beginning when left out
-- param until date default null: Last day, inclusive; to the end when left out
-- param region text default null: Region; all when left out
-- param account text default null: Account; all when left out
-- param setting text default null: Part of the setting's name; all when left out
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
SELECT
  event_time,
  recipient_account_id AS account,
  region,
  event_name,
  account_setting_name AS setting,
  account_setting_value AS new_value,
  CASE WHEN event_name = 'PutAccountSettingDefault' THEN 'account' ELSE 'principal' END AS scope,
  actor,
  coalesce(CASE WHEN substr(session_issuer_user_name, 1, 15) = 'AWSReservedSSO_' THEN role_session_name END,
    session_source_identity, user_identity_on_behalf_of_user_id,
    CASE WHEN regexp_like(role_session_name,
      '^([0-9a-f]{32}|i-[0-9a-f]+|botocore-session-[0-9]+|aws-go-sdk-[0-9]+|[0-9]{9,})$') = false
      THEN role_session_name END,
    user_identity_user_name) AS human,
  channel,
  source_ip_address,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('PutAccountSetting', 'PutAccountSettingDefault', 'DeleteAccountSetting')
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR recipient_account_id = $account)
  AND ($setting IS NULL OR position(lower($setting) IN lower(account_setting_name)) > 0)
ORDER BY event_time DESC, event_id

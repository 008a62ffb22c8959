-- title: Changes to account settings
-- group: posture
-- description: PutAccountSetting, PutAccountSettingDefault, and DeleteAccountSetting calls, newest first.
--   Failed calls are listed with their error. The scope is account if the change sets the default for every
--   principal of the account in the Region that has no setting of its own. PutAccountSettingDefault does
--   so, and so do the other calls when the root user makes them or is their principal. Otherwise the change
--   applies to one principal: changed_for is the principal named in the call, or else the caller.
-- param setting text default null: Part of the setting's name; default: all
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
SELECT
  event_time,
  account_id AS account,
  region,
  event_name,
  account_setting_name AS setting,
  account_setting_value AS new_value,
  CASE
    WHEN event_name = 'PutAccountSettingDefault'
      OR regexp_like(account_setting_principal, ':root$')
      OR account_setting_principal IS NULL AND user_identity_type = 'Root' THEN 'account'
    ELSE 'principal'
  END AS scope,
  CASE WHEN event_name <> 'PutAccountSettingDefault' THEN coalesce(account_setting_principal, user_identity_arn) END
    AS changed_for,
  actor,
  person,
  channel,
  source_ip_address,
  error_code,
  event_id
FROM events
WHERE event_source = 'ecs.amazonaws.com'
  AND event_name IN ('PutAccountSetting', 'PutAccountSettingDefault', 'DeleteAccountSetting')
  AND coalesce(dry_run, false) = false
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
  AND ($setting IS NULL OR position(lower($setting) IN lower(account_setting_name)) > 0)
ORDER BY event_time DESC, event_id, record_hash

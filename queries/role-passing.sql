-- title: Roles passed to tasks, and by whom
-- group: access
-- description: Task roles and task execution roles that successful calls named: registrations of task
--   definitions, daemons, and Express Mode services, and RunTask and StartTask calls that override the
--   registered role. first_seen is the first time in the whole history that this principal passed this
--   role, so since shows new combinations. calls and last_seen cover only the selected days. A role may be
--   a bare name, if the caller gave it that way.
-- param role text default null: Part of the role's name or ARN; default: all
-- param since date default null: Only combinations of actor and role first seen on or after this day
-- needs: ecs.amazonaws.com
-- reference: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
WITH calls AS (
  SELECT
    event_time,
    date,
    region,
    account_id,
    actor_group AS principal,
    event_name,
    task_definition_family,
    task_role_arn,
    execution_role_arn
  FROM events
  WHERE event_source = 'ecs.amazonaws.com'
    AND event_name IN ('RegisterTaskDefinition', 'RegisterDaemonTaskDefinition', 'RunTask', 'StartTask',
      'CreateExpressGatewayService', 'UpdateExpressGatewayService')
    AND error_code IS NULL
    AND coalesce(dry_run, false) = false
),
passed_roles AS (
  SELECT
    purpose,
    CASE WHEN purpose = 'task role' THEN task_role_arn ELSE execution_role_arn END AS passed_role,
    calls.*
  FROM calls
  CROSS JOIN (SELECT 'task role' AS purpose UNION ALL SELECT 'execution role' AS purpose) AS purposes
),
passed_roles_with_first AS (
  SELECT
    passed_roles.*,
    min(event_time) OVER (PARTITION BY account_id, passed_role, purpose, principal) AS first_seen,
    min(date) OVER (PARTITION BY account_id, passed_role, purpose, principal) AS first_day
  FROM passed_roles
  WHERE passed_role IS NOT NULL
)
SELECT
  account_id AS account,
  passed_role,
  purpose,
  principal,
  first_seen,
  max(event_time) AS last_seen,
  count(*) AS calls,
  count(CASE WHEN event_name IN ('RunTask', 'StartTask') THEN 1 END) AS overrides,
  count(DISTINCT region) AS region_count,
  string_agg(DISTINCT task_definition_family, ', ' ORDER BY task_definition_family) AS families
FROM passed_roles_with_first
WHERE ($since IS NULL OR first_day >= $since)
  AND ($role IS NULL OR position(lower($role) IN lower(passed_role)) > 0)
  AND ($from IS NULL OR date >= $from)
  AND ($until IS NULL OR date <= $until)
  AND ($region IS NULL OR region = $region)
  AND ($account IS NULL OR account_id = $account)
GROUP BY account_id, passed_role, purpose, principal, first_seen
ORDER BY first_seen DESC, account, passed_role, purpose, principal

-- Queries that AWS publishes for CloudTrail Lake (aws-samples/cloud-trail-lake-query-samples, MIT-0), with the
-- table's name, our values and line breaks.

-- name: self-assume-role
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/SelfAssumeRole.sql
SELECT
  eventid,
  eventtime,
  userIdentity.sessioncontext.sessionissuer.arn AS RoleARN,
  userIdentity.principalId AS RoleIdColonRoleSessionName
FROM cloudtrail_logs
WHERE
  eventSource = 'sts.amazonaws.com'
  AND eventName = 'AssumeRole'
  AND userIdentity.type = 'AssumedRole'
  AND errorcode IS NULL
  AND userIdentity.sessioncontext.sessionissuer.arn = element_at(resources, 1).arn;

-- name: activity-performed-by-ip-address
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/activity-performed-by-IP-address.sql
SELECT useridentity.accountid
FROM cloudtrail_logs
WHERE sourceIPAddress = '198.51.100.17'
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND useridentity.accountid != '111122223333'
GROUP BY useridentity.accountid;

-- name: cross-account-access
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/cross-account-access.sql
SELECT
  userIdentity.principalid,
  eventName,
  eventSource,
  userIdentity.accountId,
  recipientAccountId,
  requestParameters,
  eventTime
FROM cloudtrail_logs
WHERE
  eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND userIdentity.accountId != recipientAccountId;

-- name: event-response-element-by-event-id
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/event-response-element-by-event-id.sql
SELECT responseElements
FROM cloudtrail_logs
WHERE eventID = 'f87385df-9b26-4608-b42c-a2c6e2e62b4c';

-- name: iam-access-key-activity
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/iam-access-key-activity.sql
SELECT eventSource, eventName, sourceIPAddress, eventTime, errorCode
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
ORDER BY eventTime;

-- name: iam-access-key-success-activity
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/iam-access-key-success-activity.sql
SELECT count(*) AS NumberEvents, eventSource, eventName
FROM cloudtrail_logs
WHERE eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND errorcode IS NULL
GROUP BY eventSource, eventName
ORDER BY NumberEvents DESC;

-- name: iam-idc-user-count-and-group-activity
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/iam-idc-user-count-and-group-activity.sql
SELECT eventSource, eventName, count(*) AS apiCount
FROM cloudtrail_logs
WHERE userIdentity.principalId LIKE '%akua@example.com'
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
GROUP BY eventSource, eventName
ORDER BY apiCount DESC;

-- name: iam-idc-user-denied-activity
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/iam-idc-user-denied-activity.sql
SELECT
  recipientAccountId, awsRegion, eventSource, eventName, readOnly,
  errorCode, errorMessage, eventTime, eventID
FROM cloudtrail_logs
WHERE userIdentity.principalId LIKE '%jo@example.com'
  AND (errorCode = 'AccessDenied' OR errorCode LIKE '%Unauthorized%')
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00';

-- name: iam-role-activity
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/iam-role-activity.sql
SELECT eventSource, eventName, eventTime, eventID, errorCode
FROM cloudtrail_logs
WHERE eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND useridentity.type = 'AssumedRole'
  AND useridentity.sessioncontext.sessionissuer.arn = 'arn:aws:iam::111122223333:role/ecsTaskExecutionRole';

-- name: list-all-errors-for-s3-events
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/list-all-errors-for-s3-events.sql
SELECT
  eventType, eventName, errorMessage
FROM cloudtrail_logs
WHERE
  errorMessage IS NOT NULL
  AND eventSource = 'ecs.amazonaws.com';

-- name: list-all-events-not-in-authorized-region
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/list-all-events-not-in-authorized-region.sql
SELECT
  awsRegion, eventType, eventTime, eventName
FROM cloudtrail_logs
WHERE
  awsRegion NOT IN ('eu-west-1', 'us-east-1')
  AND recipientAccountId = '111122223333';

-- name: list-all-manually-created-resources
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/list-all-manually-created-resources.sql
SELECT
  userIdentity.arn AS user,
  userIdentity,
  eventTime,
  eventSource,
  eventName,
  awsRegion,
  requestParameters,
  resources,
  requestID,
  eventID
FROM cloudtrail_logs
WHERE
  (
    eventName LIKE '%Create%'
    OR eventName LIKE '%Update%'
    OR eventName LIKE '%Put%'
    OR eventName LIKE '%Delete%'
  )
  AND resources IS NOT NULL
  AND userIdentity.sessioncontext.sessionissuer.username NOT LIKE 'AWSServiceRole%'
  AND userIdentity.sessioncontext.sessionissuer.username NOT IN ('')
  AND sourceIpAddress != 'cloudformation.amazonaws.com'
ORDER BY eventTime DESC;

-- name: list-events-with-errors
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/list-events-with-errors.sql
SELECT
  userIdentity.arn,
  eventTime,
  eventSource,
  eventName,
  awsRegion,
  sourceIPAddress,
  userAgent,
  errorCode,
  errorMessage,
  requestParameters,
  readOnly,
  resources,
  recipientAccountId,
  tlsDetails
FROM cloudtrail_logs
WHERE
  errorCode IS NOT NULL
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00';

-- name: logs-by-region
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/logs-by-region.sql
SELECT awsRegion, eventSource, count(*) AS apiCount
FROM cloudtrail_logs
WHERE
  eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
GROUP BY awsRegion, eventSource
ORDER BY apiCount DESC;

-- name: network-activity-events-vpce-access-denied-secrets-manager
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/network-activity-events-vpce-access-denied-secrets-manager.sql
SELECT
  eventTime,
  userIdentity.username,
  userIdentity.accountid,
  eventType,
  eventCategory,
  eventName,
  errorCode,
  errorMessage,
  vpcEndpointId,
  vpcEndpointAccountId,
  sourceIPAddress
FROM cloudtrail_logs
WHERE eventCategory = 'NetworkActivity'
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND errorCode = 'VpceAccessDenied'
  AND eventTime >= '2026-04-26 00:00:00'
  AND eventTime <= '2026-04-29 00:00:00'
ORDER BY eventTime;

-- name: network-activity-events-vpce-access-denied
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/network-activity-events-vpce-access-denied.sql
SELECT
  count(*) AS VPCAccessDenied,
  userIdentity.arn,
  userIdentity.accountid,
  eventName,
  errorMessage,
  vpcEndpointId,
  vpcEndpointAccountId,
  sourceIPAddress
FROM cloudtrail_logs
WHERE eventCategory = 'NetworkActivity'
  AND errorCode = 'VpceAccessDenied'
  AND eventTime >= '2026-04-26 00:00:00'
  AND eventTime <= '2026-04-29 00:00:00'
GROUP BY
  userIdentity.arn,
  userIdentity.accountid,
  eventName,
  errorMessage,
  vpcEndpointId,
  vpcEndpointAccountId,
  sourceIPAddress
ORDER BY eventName DESC;

-- name: tls-unsupported-version
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/tls-unsupported-version.sql
SELECT
  eventSource,
  tlsDetails.tlsVersion,
  sourceIPAddress,
  recipientAccountId,
  count(*) AS numOutdatedTlsCalls
FROM cloudtrail_logs
WHERE
  eventTime >= '2026-04-26 00:00:00'
  AND eventTime <= '2026-04-29 00:00:00'
  AND tlsDetails.tlsVersion LIKE 'TLSv%'
  AND CAST(replace(tlsDetails.tlsVersion, 'TLSv', '') AS DOUBLE) <= 1.2
GROUP BY
  eventSource,
  tlsDetails.tlsVersion,
  sourceIPAddress,
  recipientAccountId
ORDER BY
  numOutdatedTlsCalls DESC;

-- name: tls-version
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/tls-version.sql
SELECT
  eventName, awsRegion, sourceIPAddress, recipientAccountId, tlsDetails.tlsversion
FROM cloudtrail_logs
WHERE
  eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND tlsDetails.tlsversion != 'TLSv1.3';

-- name: top-actions-by-iam-role
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/top-actions-by-iam-role.sql
SELECT count(*) AS NumberEvents, eventSource, eventName
FROM cloudtrail_logs
WHERE eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND useridentity.type = 'AssumedRole'
  AND useridentity.sessioncontext.sessionissuer.arn = 'arn:aws:iam::111122223333:role/ecsTaskExecutionRole'
GROUP BY eventSource, eventName
ORDER BY NumberEvents DESC;

-- name: top-errors
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/top-errors.sql
SELECT
  errorCode, errorMessage, count(*) AS eventCount
FROM cloudtrail_logs
WHERE
  eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
  AND (errorCode IS NOT NULL OR errorMessage IS NOT NULL)
GROUP BY errorCode, errorMessage
ORDER BY eventCount DESC
LIMIT 10;

-- name: top-iam-actions-by-principal
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/top-iam-actions-by-principal.sql
SELECT
  count(*) AS apiCount, eventName, recipientAccountId, userIdentity.principalid
FROM cloudtrail_logs
WHERE
  userIdentity.principalid IS NOT NULL
  AND eventTime >= '2026-04-26 00:00:00'
  AND eventSource = 'iam.amazonaws.com'
GROUP BY
  eventName, recipientAccountId, userIdentity.principalid
ORDER BY
  apiCount DESC;

-- name: users-by-account
-- source: https://github.com/aws-samples/cloud-trail-lake-query-samples/blob/main/users-by-account.sql
SELECT
  userIdentity.principalid, useridentity.accountId, count(*) AS eventCount
FROM cloudtrail_logs
WHERE
  userIdentity.principalid IS NOT NULL
  AND eventTime > '2026-04-26 00:00:00'
  AND eventTime < '2026-04-29 00:00:00'
GROUP BY userIdentity.principalid, useridentity.accountId
ORDER BY EventCount DESC;

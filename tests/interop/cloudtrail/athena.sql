-- Queries that AWS publishes for its CloudTrail table (samples: MIT-0), with our values and line breaks.

-- name: anonymous-requests
-- source: https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html
SELECT *
FROM cloudtrail_logs
WHERE
  eventsource = 's3.amazonaws.com' AND
  eventname IN ('GetObject') AND
  useridentity.accountid = 'anonymous' AND
  useridentity.arn IS NULL AND
  requestparameters LIKE '%example-billing-1111-us-east-1%';

-- name: nested-fields
-- source: https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html#cloudtrail-logs-nested-fields
SELECT
  eventsource,
  eventname,
  useridentity.sessioncontext.attributes.creationdate,
  useridentity.sessioncontext.sessionissuer.arn
FROM cloudtrail_logs
WHERE useridentity.sessioncontext.sessionissuer.arn IS NOT NULL
ORDER BY eventsource, eventname
LIMIT 10;

-- name: basic-template
-- source: https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html#tips-for-querying-cloudtrail-logs
SELECT
  useridentity.arn,
  eventname,
  sourceipaddress,
  eventtime
FROM cloudtrail_logs
LIMIT 100;

-- name: security-group-changes
-- source: https://aws.amazon.com/blogs/big-data/aws-cloudtrail-and-amazon-athena-dive-deep-to-analyze-security-compliance-and-operational-activity/
SELECT eventname, useridentity.username, sourceIPAddress, eventtime, requestparameters
FROM cloudtrail_logs
WHERE (
    requestparameters LIKE '%sg-fd5fedf44fcadb2c6%'
    OR requestparameters LIKE '%sg-95d87c5ceccfbf259%'
    OR requestparameters LIKE '%eni-0fcf18b054d36ea3d%'
  )
  AND eventtime > '2026-04-26T00:00:00Z'
ORDER BY eventtime ASC;

-- name: console-sign-in
-- source: https://aws.amazon.com/blogs/big-data/aws-cloudtrail-and-amazon-athena-dive-deep-to-analyze-security-compliance-and-operational-activity/
SELECT useridentity.username, sourceipaddress, eventtime, additionaleventdata
FROM cloudtrail_logs
WHERE eventname = 'ConsoleLogin'
  AND eventtime >= '2026-04-26T00:00:00Z'
  AND eventtime < '2026-04-27T00:00:00Z';

-- name: top-errors
-- source: https://aws.amazon.com/blogs/big-data/aws-cloudtrail-and-amazon-athena-dive-deep-to-analyze-security-compliance-and-operational-activity/
SELECT count(*) AS TotalEvents, eventname, errorcode, errormessage
FROM cloudtrail_logs
WHERE errorcode IS NOT NULL
  AND eventtime >= '2026-04-26T00:00:00Z'
GROUP BY eventname, errorcode, errormessage
ORDER BY TotalEvents DESC
LIMIT 10;

-- name: iam-user-events
-- source: https://aws.amazon.com/blogs/big-data/aws-cloudtrail-and-amazon-athena-dive-deep-to-analyze-security-compliance-and-operational-activity/
SELECT count(*) AS TotalEvents, useridentity.username, eventname
FROM cloudtrail_logs
WHERE eventtime >= '2026-04-26T00:00:00Z'
  AND useridentity.type = 'IAMUser'
GROUP BY useridentity.username, eventname
ORDER BY TotalEvents DESC;

-- name: principal-calls
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/PLAYBOOK_TEMPLATE.md
SELECT eventTime, eventName, sourceIPAddress, userAgent, errorCode
FROM cloudtrail_logs
WHERE userIdentity.arn LIKE '%ci-backup%'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: principal-activity
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/PLAYBOOK_TEMPLATE.md
SELECT
  eventTime, eventName, awsRegion, sourceIPAddress, userAgent,
  errorCode, errorMessage
FROM cloudtrail_logs
WHERE userIdentity.arn = 'arn:aws:iam::111122223333:user/ci/ci-backup'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: access-key-calls
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT
  eventTime, eventName, awsRegion, sourceIPAddress, userAgent,
  requestParameters, responseElements, errorCode
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: access-key-addresses
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT
  sourceIPAddress, userAgent, count(*) AS call_count,
  min(eventTime) AS first_seen, max(eventTime) AS last_seen
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
GROUP BY sourceIPAddress, userAgent
ORDER BY first_seen ASC;

-- name: access-key-persistence
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT eventTime, eventName, sourceIPAddress, requestParameters, responseElements
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventName IN (
    'CreateUser', 'CreateRole', 'CreateAccessKey',
    'CreateLoginProfile', 'AttachUserPolicy', 'AttachRolePolicy',
    'PutUserPolicy', 'PutRolePolicy', 'UpdateAssumeRolePolicy',
    'CreateFunction', 'UpdateFunctionCode', 'AddPermission',
    'CreateEventSourceMapping', 'PutBucketPolicy',
    'CreateTrail', 'StopLogging', 'DeleteTrail'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: access-key-data
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT eventTime, eventName, eventSource, requestParameters, sourceIPAddress
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventSource IN (
    's3.amazonaws.com', 'dynamodb.amazonaws.com',
    'secretsmanager.amazonaws.com', 'ssm.amazonaws.com'
  )
  AND eventName IN (
    'GetObject', 'GetItem', 'BatchGetItem', 'GetSecretValue',
    'GetParameter', 'GetParameters'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: access-key-roles
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT
  eventTime, eventName, requestParameters, responseElements,
  sourceIPAddress, recipientAccountId
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND eventName = 'AssumeRole'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: access-key-errors
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-credential-compromise.sql
SELECT eventTime, eventName, errorCode, errorMessage, sourceIPAddress
FROM cloudtrail_logs
WHERE userIdentity.accessKeyId = 'AKIADLXFSANB4EXAMPLE'
  AND errorCode IS NOT NULL
  AND errorCode != ''
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: bucket-access
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, eventName, sourceIPAddress, userIdentity.arn,
  userAgent, requestParameters, responseElements, errorCode
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND requestParameters LIKE '%example-billing-1111-us-east-1%'
  AND eventName IN (
    'GetObject', 'HeadObject', 'ListObjects', 'ListObjectsV2',
    'SelectObjectContent', 'CopyObject'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: dynamodb-access
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, eventName, sourceIPAddress, userIdentity.arn,
  requestParameters
FROM cloudtrail_logs
WHERE eventSource = 'dynamodb.amazonaws.com'
  AND eventName IN ('Scan', 'Query', 'BatchGetItem', 'GetItem')
  AND requestParameters LIKE '%checkout-sessions%'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: secrets-access
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, eventName, sourceIPAddress, userIdentity.arn,
  requestParameters
FROM cloudtrail_logs
WHERE eventSource IN ('secretsmanager.amazonaws.com', 'ssm.amazonaws.com')
  AND eventName IN (
    'GetSecretValue', 'GetParameter', 'GetParameters',
    'GetParametersByPath'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: bucket-readers
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  userIdentity.arn, sourceIPAddress, count(*) AS read_count,
  min(eventTime) AS first_access, max(eventTime) AS last_access
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND requestParameters LIKE '%example-billing-1111-us-east-1%'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
GROUP BY userIdentity.arn, sourceIPAddress
ORDER BY read_count DESC;

-- name: bucket-policy-changes
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, eventName, userIdentity.arn, sourceIPAddress,
  requestParameters
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND eventName IN (
    'PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl',
    'PutObjectAcl', 'PutBucketPublicAccessBlock',
    'DeleteBucketPublicAccessBlock'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: data-copies
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT eventTime, eventName, requestParameters
FROM cloudtrail_logs
WHERE userIdentity.arn = 'arn:aws:sts::111122223333:assumed-role/gateway-task/c1991eafb09dde69628e0c646a0589bc'
  AND eventName IN (
    'CopyObject', 'PutObject', 'CreateSnapshot',
    'CopySnapshot', 'ShareSnapshot'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: principal-key-usage
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-ransomware.sql
SELECT
  eventTime, eventName, userIdentity.arn, awsRegion,
  requestParameters, responseElements, sourceIPAddress
FROM cloudtrail_logs
WHERE userIdentity.arn LIKE '%checkout-task%'
  AND eventSource = 'kms.amazonaws.com'
  AND eventName IN (
    'CreateKey', 'CreateGrant', 'Encrypt', 'ReEncryptFrom',
    'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext',
    'ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: key-operations
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-ransomware.sql
SELECT
  eventTime, eventName, userIdentity.arn, awsRegion,
  requestParameters, responseElements, sourceIPAddress, errorCode
FROM cloudtrail_logs
WHERE eventSource = 'kms.amazonaws.com'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: bulk-deletions
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-ransomware.sql
SELECT
  eventTime, eventSource, eventName, userIdentity.arn,
  requestParameters, sourceIPAddress, awsRegion
FROM cloudtrail_logs
WHERE eventName IN (
    'DeleteObject', 'DeleteObjects', 'DeleteSnapshot',
    'DeleteDBSnapshot', 'DeleteDBClusterSnapshot',
    'DeleteRecoveryPoint', 'DeleteBackupVault',
    'PutBucketVersioning', 'DeleteBucketPolicy'
  )
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

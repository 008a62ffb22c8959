-- Queries that AWS publishes for its CloudTrail table (samples: MIT-0), with our values and line breaks.

-- name: resource-arn
-- source: https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html#cloudtrail-logs-nested-fields
SELECT
  awsregion,
  replace(unnested.resources_entry.ARN, 'arn:aws:s3:::') AS s3_resource,
  eventname,
  eventtime,
  useragent
FROM cloudtrail_logs t
CROSS JOIN UNNEST(t.resources) unnested (resources_entry)
WHERE unnested.resources_entry.ARN LIKE '%assets/8279206a1bf15d51.json'
ORDER BY eventtime;

-- name: deleted-buckets
-- source: https://docs.aws.amazon.com/athena/latest/ug/query-examples-cloudtrail-logs.html#cloudtrail-logs-nested-fields
SELECT
  awsregion,
  replace(unnested.resources_entry.ARN, 'arn:aws:s3:::') AS deleted_bucket,
  eventtime AS time_deleted,
  useridentity.username,
  unnested.resources_entry.accountid AS bucket_acct_id
FROM cloudtrail_logs t
CROSS JOIN UNNEST(t.resources) unnested (resources_entry)
WHERE eventname = 'DeleteBucket'
ORDER BY eventtime;

-- name: signature-version-2
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-sigv2-requests
SELECT
  EventTime,
  EventName AS S3_Action,
  requestParameters AS Request_Parameters,
  awsregion AS AWS_Region,
  sourceipaddress AS Source_IP,
  useragent AS User_Agent
FROM cloudtrail_logs
WHERE eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionalEventData, '$.SignatureVersion') = 'SigV2'
LIMIT 10;

-- name: signature-version-2-requesters
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-sigv2-requests
SELECT useridentity.arn, count(requestid) AS RequestCount
FROM cloudtrail_logs
WHERE eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionalEventData, '$.SignatureVersion') = 'SigV2'
GROUP BY useridentity.arn;

-- name: signature-version-2-partition
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#partitioning-sigv2-data
SELECT
  useridentity.arn,
  count(requestid) AS RequestCount
FROM cloudtrail_logs
WHERE eventsource = 's3.amazonaws.com'
  AND json_extract_scalar(additionalEventData, '$.SignatureVersion') = 'SigV2'
  AND region = 'us-east-1'
  AND year = '2026'
  AND month = '04'
  AND day = '27'
GROUP BY useridentity.arn;

-- name: put-object
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-object-access-requests
SELECT
  eventTime,
  eventName,
  eventSource,
  sourceIpAddress,
  userAgent,
  json_extract_scalar(requestParameters, '$.bucketName') AS bucketName,
  json_extract_scalar(requestParameters, '$.key') AS object,
  userIdentity.arn AS userArn
FROM cloudtrail_logs
WHERE
  eventName = 'PutObject'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z';

-- name: get-object
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-object-access-requests
SELECT
  eventTime,
  eventName,
  eventSource,
  sourceIpAddress,
  userAgent,
  json_extract_scalar(requestParameters, '$.bucketName') AS bucketName,
  json_extract_scalar(requestParameters, '$.key') AS object,
  userIdentity.arn AS userArn
FROM cloudtrail_logs
WHERE
  eventName = 'GetObject'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z';

-- name: anonymous-requesters
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-object-access-requests
SELECT
  eventTime,
  eventName,
  eventSource,
  sourceIpAddress,
  userAgent,
  json_extract_scalar(requestParameters, '$.bucketName') AS bucketName,
  userIdentity.arn AS userArn,
  userIdentity.accountId
FROM cloudtrail_logs
WHERE
  userIdentity.accountId = 'anonymous'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z';

-- name: acl-required
-- source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-request-identification.html#ct-examples-identify-object-access-requests
SELECT
  eventTime,
  eventName,
  eventSource,
  sourceIpAddress,
  userAgent,
  userIdentity.arn AS userArn,
  json_extract_scalar(requestParameters, '$.bucketName') AS bucketName,
  json_extract_scalar(requestParameters, '$.key') AS object,
  json_extract_scalar(additionalEventData, '$.aclRequired') AS aclRequired
FROM cloudtrail_logs
WHERE
  json_extract_scalar(additionalEventData, '$.aclRequired') = 'Yes'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z';

-- name: bulk-reads
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  date_trunc('hour', from_iso8601_timestamp(eventTime)) AS hour_bucket,
  userIdentity.arn, count(*) AS read_count
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND requestParameters LIKE '%example-billing-1111-us-east-1%'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
GROUP BY date_trunc('hour', from_iso8601_timestamp(eventTime)), userIdentity.arn
HAVING count(*) > 1
ORDER BY hour_bucket ASC;

-- name: data-staging
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, userIdentity.arn, sourceIPAddress,
  json_extract_scalar(requestParameters, '$.bucketName') AS source_bucket,
  json_extract_scalar(requestParameters, '$.x-amz-copy-source') AS copy_source
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND eventName IN ('CopyObject', 'PutObject', 'UploadPart')
  AND userIdentity.arn = 'arn:aws:sts::111122223333:assumed-role/gateway-task/c1991eafb09dde69628e0c646a0589bc'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: objects-read
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT
  eventTime, json_extract_scalar(requestParameters, '$.key') AS object_key,
  sourceIPAddress, userIdentity.arn
FROM cloudtrail_logs
WHERE eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND requestParameters LIKE '%example-billing-1111-us-east-1%'
  AND userIdentity.arn = 'arn:aws:sts::111122223333:assumed-role/billing-task/21a24b6855a6904660b23c818c265495'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z'
ORDER BY eventTime ASC;

-- name: buckets-read
-- source: https://github.com/aws-samples/aws-incident-response-playbooks/blob/master/playbooks/resources/athena-queries-data-access.sql
SELECT DISTINCT json_extract_scalar(requestParameters, '$.bucketName') AS bucket_accessed
FROM cloudtrail_logs
WHERE userIdentity.arn = 'arn:aws:sts::111122223333:assumed-role/billing-task/21a24b6855a6904660b23c818c265495'
  AND eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND eventTime BETWEEN '2026-04-26T00:00:00Z' AND '2026-04-29T00:00:00Z';

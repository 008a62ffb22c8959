//! Data at rest: s3, dynamodb, logs.

use super::Scene;
use crate::json::{Json, object};
use crate::record::{Call, resource};

impl Scene<'_> {
    pub(crate) fn bucket(&self) -> String {
        format!("example-{}-{}-{}", self.service.name, &self.world.account[..4], self.world.region)
    }

    fn s3_host(&self, bucket: &str) -> String {
        format!("{bucket}.s3.{}.amazonaws.com", self.world.region)
    }

    fn transfer(&mut self, received: i64, sent: i64) -> Json {
        // The same field of the same service is at times a float, at times an integer.
        let floats = self.random.chance(600);
        let number = |bytes: i64| {
            Json::verbatim(if floats { format!("{bytes}.0") } else { bytes.to_string() })
        };
        object! {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": number(received),
            "SSEApplied": (received > 0).then_some("Default_SSE_S3"),
            "AuthenticationMethod": "AuthHeader",
            "x-amz-id-2": format!("{}=", self.random.base64(75)),
            "bytesTransferredOut": number(sent),
        }
    }

    fn of_object(&mut self, name: &'static str, key: &str, received: i64, sent: i64) -> Call {
        let bucket = self.bucket();
        let host = self.s3_host(&bucket);
        let account = Some(self.world.account.as_str());
        let request = object! { "bucketName": bucket, "Host": host, "key": key };
        let transfer = self.transfer(received, sent);
        Call::new("s3", name)
            .request(request)
            .additional(transfer)
            .resources(&[
                resource(&format!("arn:aws:s3:::{bucket}/{key}"), "AWS::S3::Object", None),
                resource(&format!("arn:aws:s3:::{bucket}"), "AWS::S3::Bucket", account),
            ])
            .host(host)
            .data()
    }

    pub(crate) fn put_object(&mut self) -> Call {
        let key = format!(
            "exports/{}/{}.csv",
            crate::calendar::date(self.time).replace('-', "/"),
            self.random.hex(8)
        );
        let size = self.random.between(900, 900_000);
        let tag = self.random.hex(32);
        self.of_object("PutObject", &key, size, 0).response(
            object! { "x-amz-server-side-encryption": "AES256", "ETag": format!("\"{tag}\"") },
        )
    }

    pub(crate) fn get_object(&mut self) -> Call {
        let key = format!("{}/assets/{}.json", self.service.name, self.random.hex(16));
        let size = self.random.between(200, 90_000);
        self.of_object("GetObject", &key, 0, size)
    }

    pub(crate) fn head_object(&mut self) -> Call {
        let key = format!("{}/assets/{}.json", self.service.name, self.random.hex(16));
        self.of_object("HeadObject", &key, 0, 0)
    }

    pub(crate) fn list_objects(&mut self) -> Call {
        let bucket = self.bucket();
        let host = self.s3_host(&bucket);
        let sent = self.random.between(400, 9000);
        let transfer = self.transfer(0, sent);
        Call::new("s3", "ListObjects")
            .request(object! {
                "list-type": "2",
                "bucketName": bucket,
                "prefix": format!("{}/", self.service.name),
                "Host": host,
            })
            .additional(transfer)
            .resources(&[
                object! { "type": "AWS::S3::Object", "ARNPrefix": format!("arn:aws:s3:::{bucket}/") },
                resource(&format!("arn:aws:s3:::{bucket}"), "AWS::S3::Bucket", Some(&self.world.account)),
            ])
            .host(host)
            .data()
    }

    pub(crate) fn bucket_acl(&mut self, bucket: &str) -> Call {
        let host = self.s3_host(bucket);
        let transfer = self.transfer(0, 552);
        Call::new("s3", "GetBucketAcl")
            .request(object! { "bucketName": bucket, "Host": host, "acl": "" })
            .additional(transfer)
            .resources(&[resource(
                &format!("arn:aws:s3:::{bucket}"),
                "AWS::S3::Bucket",
                Some(&self.world.account),
            )])
            .host(host)
            .shared(self.random.guid())
    }

    pub(crate) fn list_buckets(&mut self) -> Call {
        let host = format!("s3.{}.amazonaws.com", self.world.region);
        let transfer = self.transfer(0, 1311);
        Call::new("s3", "ListBuckets")
            .request(object! { "Host": host })
            .additional(transfer)
            .host(host)
    }

    pub(crate) fn get_item(&mut self) -> Call {
        let table = format!("{}-sessions", self.service.name);
        let arn = self.place("dynamodb", &format!("table/{table}"));
        Call::new("dynamodb", "GetItem")
            .request(object! {
                "tableName": table,
                "key": object! { "id": self.random.lower(12) },
                "consistentRead": false,
            })
            .resources(&[resource(&arn, "AWS::DynamoDB::Table", Some(&self.world.account))])
            .api_version("2012-08-10")
            .data()
    }

    pub(crate) fn describe_table(&mut self) -> Call {
        Call::new("dynamodb", "DescribeTable")
            .request(object! { "tableName": format!("{}-sessions", self.service.name) })
            .api_version("2012-08-10")
    }

    pub(crate) fn log_stream(&mut self) -> Call {
        let name = &self.service.name;
        Call::new("logs", "CreateLogStream")
            .request(object! {
                "logGroupName": format!("/ecs/{name}"),
                "logStreamName": format!("ecs/{name}/{}", self.task),
            })
            .api_version("20140328")
    }

    pub(crate) fn log_groups(&mut self) -> Call {
        Call::new("logs", "DescribeLogGroups")
            .request(object! { "logGroupNamePrefix": format!("/ecs/{}", self.service.name), "limit": 50 })
            .api_version("20140328")
    }
}

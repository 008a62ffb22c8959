//! Opens buckets: the endpoint, region and credentials are found and tried before any work.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use aws_config::SdkConfig;
use ecstrail_converter::WholeListing;
use object_store::{
    RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut, resolve_bucket_region},
    list::{PaginatedListOptions, PaginatedListStore},
    path::Path,
};
use tokio::sync::OnceCell;

use crate::{
    args::S3Arguments,
    credentials::{self, FoundCredentials},
    endpoint,
    http::{WithoutRedirects, client_options},
};

/// Retries of the first request, which may go to a server that does not exist.
const FIRST_TRIES: usize = 2;
/// Where S3-compatible servers are, unless they say otherwise.
const DEFAULT_REGION: &str = "us-east-1";

/// Access to S3 as the user configured it.
#[derive(Debug)]
pub(crate) struct S3 {
    arguments: S3Arguments,
    config: OnceCell<SdkConfig>,
    credentials: OnceCell<Arc<FoundCredentials>>,
}

/// A bucket that has answered a request.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) store: Arc<WholeListing<AmazonS3>>,
    pub(crate) access: Access,
}

/// Which identity reads or writes which bucket.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    bucket: String,
    endpoint: Option<String>,
    identity: String,
}

/// How a bucket is to be used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BucketUse {
    /// Without credentials, if the user says so.
    pub(crate) may_be_anonymous: bool,
    /// Without conditional creates: the user makes sure that no other run writes.
    pub(crate) single_writer: bool,
}

impl S3 {
    pub(crate) fn new(arguments: S3Arguments) -> Self {
        Self { arguments, config: OnceCell::new(), credentials: OnceCell::new() }
    }

    /// Opens a bucket and lists the first key below `prefix`.
    pub(crate) async fn open(
        &self,
        bucket: &str,
        prefix: &Path,
        usage: BucketUse,
    ) -> Result<Bucket> {
        let config = self.config.get_or_try_init(|| self.load()).await?;
        let endpoint = self.endpoint().await?;
        let allow_http = endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_http_connector(WithoutRedirects { allow_http })
            .with_client_options(client_options().with_allow_http(allow_http));
        let identity = if usage.may_be_anonymous && self.arguments.anonymous {
            builder = builder.with_skip_signature(true);
            "an anonymous caller (--anonymous)".to_owned()
        } else {
            let find = || self.find(config);
            let found = self.credentials.get_or_try_init(find).await?;
            builder = builder.with_credentials(Arc::<FoundCredentials>::clone(found));
            found.identity().to_owned()
        };
        builder = match &endpoint {
            Some(endpoint) => {
                let region = config.region().map_or(DEFAULT_REGION, |region| region.as_ref());
                builder.with_endpoint(endpoint).with_region(region)
            }
            None => on_aws(builder, bucket, config).await?,
        };
        if usage.single_writer {
            builder = builder.with_conditional_put(S3ConditionalPut::Disabled);
        }
        let access = Access { bucket: bucket.to_owned(), endpoint, identity };
        let retry = RetryConfig { max_retries: FIRST_TRIES, ..RetryConfig::default() };
        let tried = builder.clone().with_retry(retry).build()?;
        let folder = (!prefix.as_ref().is_empty()).then(|| format!("{prefix}/"));
        let one = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        match tried.list_paginated(folder.as_deref(), one).await {
            // The bucket answered. A key that is not a path is reported when log files are listed.
            Ok(_) | Err(object_store::Error::InvalidPath { .. }) => {}
            Err(error) => return Err(access.explain(error.into())),
        }
        Ok(Bucket { store: Arc::new(WholeListing::new(builder.build()?)), access })
    }

    /// Returns the server that buckets are on, `None` for AWS.
    pub(crate) async fn endpoint(&self) -> Result<Option<String>> {
        let config = self.config.get_or_try_init(|| self.load()).await?;
        endpoint::find(self.arguments.endpoint.as_deref(), config)
    }

    async fn load(&self) -> Result<SdkConfig> {
        credentials::load_config(self.arguments.profile.as_deref()).await
    }

    async fn find(&self, config: &SdkConfig) -> Result<Arc<FoundCredentials>> {
        credentials::find(config, self.arguments.profile.as_deref()).await.map(Arc::new)
    }
}

impl Access {
    /// Adds the identity and what it lacks to an error about access.
    pub(crate) fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        let Self { bucket, endpoint, identity } = self;
        let at = endpoint.as_ref().map_or_else(String::new, |url| format!(" at {url}"));
        match Refusal::of(&error) {
            Some(Refusal::NoBucket) => {
                anyhow!(
                    "bucket s3://{bucket}{at} does not exist (requested as {identity}): check \
                         the name"
                )
            }
            Some(Refusal::Expired) => error.context(format!(
                "the credentials of {identity} have expired: renew them, for example with `aws sso \
                 login`, then rerun the command"
            )),
            Some(Refusal::NoAccess) => error.context(format!(
                "access to s3://{bucket}{at} was denied for {identity}: allow s3:ListBucket and \
                 s3:GetObject to read, and s3:PutObject, s3:DeleteObject and \
                 s3:AbortMultipartUpload to write; with SSE-KMS also kms:Decrypt, and \
                 kms:GenerateDataKey to write"
            )),
            None => error.context(format!("cannot access s3://{bucket}{at} as {identity}")),
        }
    }
}

/// Why a store denied access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoBucket,
    Expired,
    NoAccess,
}

impl Refusal {
    /// Returns the reason, if the error is about access. Errors of a listing have no kind of their
    /// own, only S3's error codes:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
    pub(crate) fn of(error: &anyhow::Error) -> Option<Self> {
        use object_store::Error as Store;
        let cause = error.chain().find_map(|cause| cause.downcast_ref::<Store>())?;
        let text = cause.to_string();
        let says = |words: &str| text.contains(words);
        if says("NoSuchBucket") {
            Some(Self::NoBucket)
        } else if says("ExpiredToken") {
            Some(Self::Expired)
        } else if matches!(cause, Store::PermissionDenied { .. } | Store::Unauthenticated { .. })
            || says(" 403 Forbidden")
            || says(" 401 Unauthorized")
        {
            Some(Self::NoAccess)
        } else {
            None
        }
    }
}

/// Configures access to a bucket in AWS, in whichever region it is.
async fn on_aws(
    builder: AmazonS3Builder,
    bucket: &str,
    config: &SdkConfig,
) -> Result<AmazonS3Builder> {
    let configured = config.region().map(|region| region.as_ref().to_owned());
    // Buckets in these partitions cannot be resolved from the commercial partition.
    let region = match configured {
        Some(region) if region.starts_with("cn-") || region.starts_with("us-gov-") => region,
        configured => match resolve_bucket_region(bucket, &client_options()).await {
            Ok(region) => region,
            Err(error) if error.to_string().contains("not found") => {
                bail!(
                    "bucket s3://{bucket} does not exist in AWS: check the name, or give \
                       --endpoint URL for another S3 server"
                )
            }
            Err(error) => configured.ok_or_else(|| anyhow!(error)).with_context(|| {
                format!("cannot determine the Region of s3://{bucket}: set AWS_REGION")
            })?,
        },
    };
    // A certificate of AWS covers no names with further dots.
    let builder = builder.with_virtual_hosted_style_request(!bucket.contains('.'));
    Ok(if region.starts_with("cn-") {
        let endpoint = format!("https://s3.{region}.amazonaws.com.cn");
        builder.with_virtual_hosted_style_request(false).with_endpoint(endpoint).with_region(region)
    } else {
        builder.with_region(region)
    })
}

//! AWS credentials, found where the AWS CLI finds them: environment, profiles, SSO, `aws login`,
//! web identity, container and instance roles. Looked for before any work, renewed before they
//! expire, never shown.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, anyhow};
use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use object_store::{CredentialProvider, aws::AwsCredential};
use tokio::sync::Mutex;

/// How long the search may take; looking for the role of a machine that has none ends by time.
const SEARCH: Duration = Duration::from_secs(20);
/// How long before they expire credentials are renewed.
const MARGIN: Duration = Duration::from_mins(5);

/// Credentials that stay valid.
#[derive(Debug)]
pub(crate) struct FoundCredentials {
    provider: SharedCredentialsProvider,
    held: Mutex<Credentials>,
    identity: String,
}

impl FoundCredentials {
    /// Returns what people can tell the credentials by; no secret.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }
}

/// Reads the environment and the profiles as the AWS CLI does.
pub(crate) async fn load_config(profile: Option<&str>) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}

/// Finds credentials.
///
/// # Errors
/// If there are none, or none that can be used; the error says what to do.
pub(crate) async fn find(config: &SdkConfig, profile: Option<&str>) -> Result<FoundCredentials> {
    let origin = profile.map_or_else(String::new, |profile| format!(" of profile {profile}"));
    let nothing = || {
        format!(
            "no AWS credentials{origin}: `aws sts get-caller-identity` must work here; give \
             --profile NAME, set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give \
             --anonymous for a public bucket"
        )
    };
    let provider = config.credentials_provider().ok_or_else(|| anyhow!(nothing()))?;
    let found = tokio::time::timeout(SEARCH, provider.provide_credentials());
    let found = found.await.map_err(|_| anyhow!("nothing answered within {SEARCH:?}"));
    let held = found.and_then(|found| found.map_err(explain)).with_context(nothing)?;
    let account = held.account_id().map(|account| format!(" of account {}", account.as_str()));
    let account = account.unwrap_or_default();
    let identity = format!("access key {}{account}{origin}", held.access_key_id());
    Ok(FoundCredentials { provider, held: Mutex::new(held), identity })
}

/// Says why there are none; that nobody had any is said already.
fn explain(error: CredentialsError) -> anyhow::Error {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => anyhow!("none found anywhere"),
        error => error.into(),
    }
}

#[async_trait]
impl CredentialProvider for FoundCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut held = self.held.lock().await;
        let is_ending = |margin| held.expiry().is_some_and(|at| at < SystemTime::now() + margin);
        if is_ending(MARGIN) {
            match self.provider.provide_credentials().await {
                Ok(renewed) => *held = renewed,
                Err(error) if is_ending(Duration::ZERO) => {
                    return Err(object_store::Error::Unauthenticated {
                        path: format!("anything: the credentials ({}) expired", self.identity),
                        source: error.into(),
                    });
                }
                // They still hold for a while.
                Err(_) => {}
            }
        }
        Ok(Arc::new(AwsCredential {
            key_id: held.access_key_id().to_owned(),
            secret_key: held.secret_access_key().to_owned(),
            token: held.session_token().map(ToOwned::to_owned),
        }))
    }
}

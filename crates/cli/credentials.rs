//! AWS credentials, found where the AWS CLI finds them: environment, profiles, SSO, `aws login`,
//! web identity, container and instance roles. Looked for before any work, renewed before they
//! expire, never shown.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, anyhow, bail};
use async_trait::async_trait;
use aws_config::{
    BehaviorVersion, SdkConfig,
    ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider,
    imds::credentials::ImdsCredentialsProvider,
    profile::{self, ProfileFileCredentialsProvider},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_types::{
    os_shim_internal::{Env, Fs},
    sdk_config::SharedHttpClient,
};
use object_store::{CredentialProvider, aws::AwsCredential};

/// How long the search may take; looking for the role of a machine that has none ends by time.
const SEARCH: Duration = Duration::from_secs(20);
/// How long before they expire credentials are renewed.
const MARGIN: Duration = Duration::from_mins(5);
/// The profile that is used where nothing names another.
const DEFAULT_PROFILE: &str = "default";

/// Credentials that stay valid.
#[derive(Debug)]
pub(crate) struct FoundCredentials {
    held: Arc<Held>,
    identity: String,
}

/// Credentials, and where newer ones come from. Who needs them never waits for a lock that somebody
/// has who is not polled: a listing polls some of its requests only once others are done.
#[derive(Debug)]
struct Held {
    provider: SharedCredentialsProvider,
    credentials: Mutex<Credentials>,
    is_renewing: AtomicBool,
}

/// Where credentials were found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Environment,
    Profile(String),
    WebIdentity,
    Container,
    Instance,
}

impl FoundCredentials {
    /// Returns what identifies the credentials, and where they were found; no secret.
    pub(crate) fn identity(&self) -> &str {
        &self.identity
    }

    /// Returns where they come from, for clients of AWS's.
    #[cfg(feature = "athena")]
    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        self.held.provider.clone()
    }
}

/// Reads the environment and the profiles as the AWS CLI does.
///
/// # Errors
/// If a profile is named, by the argument or by `AWS_PROFILE`, and there is none of this name.
pub(crate) async fn load_config(profile: Option<&str>) -> Result<SdkConfig> {
    if let Some(name) = profile.map(ToOwned::to_owned).or_else(profile_of_environment) {
        check_profile(&name).await?;
    }
    // Retry settings of the environment and profiles are not read: the SDK panics if one is not a
    // number.
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .http_client(https_client());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    let region = config.region().map(|region| region.as_ref().to_owned());
    if let Some(region) = region.filter(|region| !is_region(region)) {
        bail!(
            "the AWS region {region:?} is not valid: set AWS_REGION to a region code, such as \
               us-east-1"
        );
    }
    Ok(config)
}

/// Returns the client that requests credentials, through a proxy if the environment names one.
fn https_client() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
}

fn is_region(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_plain)
}

fn profile_of_environment() -> Option<String> {
    std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty())
}

async fn check_profile(name: &str) -> Result<()> {
    let loaded = profile::load(&Fs::real(), &Env::real(), &<_>::default(), None).await;
    let profiles = loaded.context("cannot read the AWS profiles")?;
    if name == DEFAULT_PROFILE || profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable();
    let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    bail!(
        "AWS profile {name:?} is not in ~/.aws/config or ~/.aws/credentials: use a profile that is \
         there (found: {known})"
    )
}

/// Finds credentials. A profile that the user names is asked before anything else, as the AWS CLI
/// does; keys in the environment come before the profile that the environment names.
///
/// # Errors
/// If there are none, or none that can be used; the error says what to do.
pub(crate) async fn find(config: &SdkConfig, profile: Option<&str>) -> Result<FoundCredentials> {
    let of_profile = profile.map_or_else(String::new, |profile| format!(" for profile {profile}"));
    let nothing = || {
        format!(
            "no AWS credentials found{of_profile}: make `aws sts get-caller-identity` work, for \
             example with --profile NAME, AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY; for a public bucket, give --anonymous"
        )
    };
    let found = tokio::time::timeout(SEARCH, first_of(providers(config, profile)));
    let found =
        found.await.map_err(|_| anyhow!("no credential provider answered within {SEARCH:?}"));
    let (origin, provider, held) = found.flatten().with_context(nothing)?;
    check(&held, &origin)?;
    let account = held.account_id().map(|account| format!(" of account {}", account.as_str()));
    let account = account.unwrap_or_default();
    let identity = format!("access key {}{account} from {origin}", held.access_key_id());
    let is_renewing = AtomicBool::new(false);
    let held = Arc::new(Held { provider, credentials: Mutex::new(held), is_renewing });
    Ok(FoundCredentials { held, identity })
}

/// Checks that credentials are valid in a request header.
fn check(held: &Credentials, origin: &Origin) -> Result<()> {
    let parts = [
        ("access key ID", Some(held.access_key_id())),
        ("secret access key", Some(held.secret_access_key())),
        ("session token", held.session_token()),
    ];
    let is_sound =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    match parts.into_iter().find(|(_, part)| part.is_some_and(|text| !is_sound(text))) {
        Some((what, _)) => bail!(
            "the {what} from {origin} is empty, or contains a space, a line break or another \
             invalid character: set it again"
        ),
        None => Ok(()),
    }
}

/// Returns the places to look in, in order.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-authentication.html>
fn providers(
    config: &SdkConfig,
    profile: Option<&str>,
) -> Vec<(Origin, SharedCredentialsProvider)> {
    let mut provider = ProviderConfig::without_region().with_region(config.region().cloned());
    if let Some(client) = config.http_client() {
        provider = provider.with_http_client(client);
    }
    let mut of_profile = ProfileFileCredentialsProvider::builder().configure(&provider);
    let name = profile.map(ToOwned::to_owned).or_else(profile_of_environment);
    let name = name.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
    of_profile = of_profile.profile_name(&name);
    let of_profile = SharedCredentialsProvider::new(of_profile.build());
    let mut providers = vec![(Origin::Profile(name), of_profile)];
    if profile.is_none() {
        let environment = EnvironmentVariableCredentialsProvider::new();
        providers.insert(0, (Origin::Environment, SharedCredentialsProvider::new(environment)));
        let token = WebIdentityTokenCredentialsProvider::builder().configure(&provider).build();
        providers.push((Origin::WebIdentity, SharedCredentialsProvider::new(token)));
    }
    let container = EcsCredentialsProvider::builder().configure(&provider).build();
    providers.push((Origin::Container, SharedCredentialsProvider::new(container)));
    let instance = ImdsCredentialsProvider::builder().configure(&provider).build();
    providers.push((Origin::Instance, SharedCredentialsProvider::new(instance)));
    providers
}

/// Returns the first credentials; a place that should have some and fails ends the search.
async fn first_of(
    providers: Vec<(Origin, SharedCredentialsProvider)>,
) -> Result<(Origin, SharedCredentialsProvider, Credentials)> {
    for (origin, provider) in providers {
        match provider.provide_credentials().await {
            Ok(held) => return Ok((origin, provider, held)),
            Err(CredentialsError::CredentialsNotLoaded(_)) => {}
            Err(error) => {
                return Err(anyhow::Error::from(error).context(format!(
                    "cannot get credentials from \
                                                                       {origin}"
                )));
            }
        }
    }
    bail!("no credential provider has any")
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => formatter.write_str("the environment (AWS_ACCESS_KEY_ID)"),
            Self::Profile(name) => write!(formatter, "profile {name}"),
            Self::WebIdentity => formatter.write_str("the web identity token in the environment"),
            Self::Container => formatter.write_str("the container's role"),
            Self::Instance => formatter.write_str("the instance's role"),
        }
    }
}

#[async_trait]
impl CredentialProvider for FoundCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let ends_within = |credentials: &Credentials, margin| {
            credentials.expiry().is_some_and(|at| at < SystemTime::now() + margin)
        };
        let mut credentials = self.held.credentials();
        let is_over = ends_within(&credentials, Duration::ZERO);
        // As long as they hold, one who renews them is enough.
        if is_over
            || (ends_within(&credentials, MARGIN)
                && !self.held.is_renewing.swap(true, Ordering::AcqRel))
        {
            let renewed = tokio::spawn(Arc::clone(&self.held).renew()).await;
            match renewed.map_err(anyhow::Error::from).and_then(|renewed| Ok(renewed?)) {
                Ok(renewed) => credentials = renewed,
                Err(error) if is_over => {
                    return Err(object_store::Error::Unauthenticated {
                        path: format!("(any): the credentials ({}) have expired", self.identity),
                        source: error.into(),
                    });
                }
                // They still hold for a while.
                Err(_) => {}
            }
        }
        Ok(Arc::new(AwsCredential {
            key_id: credentials.access_key_id().to_owned(),
            secret_key: credentials.secret_access_key().to_owned(),
            token: credentials.session_token().map(ToOwned::to_owned),
        }))
    }
}

impl Held {
    fn credentials(&self) -> Credentials {
        self.credentials.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs as a task of its own, so that it goes on whoever waits for it.
    async fn renew(self: Arc<Self>) -> Result<Credentials, CredentialsError> {
        let renewed = self.provider.provide_credentials().await;
        if let Ok(renewed) = &renewed {
            let mut held = self.credentials.lock().unwrap_or_else(PoisonError::into_inner);
            *held = renewed.clone();
        }
        self.is_renewing.store(false, Ordering::Release);
        renewed
    }
}

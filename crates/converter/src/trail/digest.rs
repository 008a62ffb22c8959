//! CloudTrail's digest files: what their names and their contents say, and whether AWS signed them.
//!
//! `[prefix/]AWSLogs/[o-id/]account/CloudTrail-Digest/region/YYYY/MM/DD/`
//! `account_CloudTrail-Digest_region_trail_homeregion_YYYYMMDDTHHMMSSZ[_backfill].json.gz`, see
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html>.

use std::io::Read;

use chrono::{DateTime, NaiveDateTime, Utc};
use flate2::bufread::GzDecoder;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::trail::{log_file::is_account, region::is_region};

mod named_log_files;
mod place;
mod public_keys;

pub use named_log_files::{DigestVerdict, NamedLogFiles};
pub use place::{Place, PlaceForm};
pub use public_keys::PublicKeys;

/// What the names of digest files end with.
const ENDING: &str = ".json.gz";
/// What stands before it in the name of one that was made later, for hours without one.
const BACKFILL: &str = "_backfill";
/// The second part of a digest file's name.
const KIND: &str = "CloudTrail-Digest";
/// The length of `20260427T100000Z`.
const TIME_BYTES: usize = 16;
/// Bytes of the largest digest that is read: one names the log files of one hour.
const MOST_BYTES: u64 = 1 << 30;

/// The chain that a digest file is a link of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainName {
    /// The account whose events the log files have.
    pub account: String,
    /// The region whose events they have.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// The region that the trail was created in.
    pub home_region: String,
    /// Whether these are digests that were made later, for hours without one.
    pub is_backfill: bool,
}

/// What the name of a digest file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigestName {
    /// Its chain.
    pub chain: ChainName,
    /// When its hour ended.
    pub end: DateTime<Utc>,
}

impl DigestName {
    /// Reads the last part of a key. The name of a trail may have underscores.
    pub fn parse(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next()?.strip_suffix(ENDING)?;
        let (name, is_backfill) = match name.strip_suffix(BACKFILL) {
            Some(name) => (name, true),
            None => (name, false),
        };
        let mut first = name.splitn(4, '_');
        let (account, kind, region) = (first.next()?, first.next()?, first.next()?);
        let mut last = first.next()?.rsplitn(3, '_');
        let (time, home_region, trail) = (last.next()?, last.next()?, last.next()?);
        let is_name = is_account(account)
            && kind == KIND
            && is_region(region)
            && is_region(home_region)
            && time.len() == TIME_BYTES;
        let end = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
        let chain = ChainName {
            account: account.to_owned(),
            region: region.to_owned(),
            trail: trail.to_owned(),
            home_region: home_region.to_owned(),
            is_backfill,
        };
        is_name.then_some(Self { chain, end })
    }
}

/// A log file as a digest names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedLogFile {
    /// Bucket of the log file.
    pub s3_bucket: String,
    /// Key of the log file.
    pub s3_object: String,
    /// SHA-256 of its content without compression, in hexadecimal.
    pub hash_value: String,
}

/// What a digest file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    #[serde(default)]
    previous_digest_s3_bucket: Option<String>,
    #[serde(default)]
    previous_digest_s3_object: Option<String>,
    #[serde(default)]
    previous_digest_hash_value: Option<String>,
    // Null in the first of a chain, but never left out.
    #[serde(deserialize_with = "Option::deserialize")]
    previous_digest_signature: Option<String>,
    #[serde(default)]
    log_files: Option<Vec<NamedLogFile>>,
}

/// A digest file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Beginning of the time in which its log files were delivered.
    pub start: DateTime<Utc>,
    /// End of that time.
    pub end: DateTime<Utc>,
    /// Bucket and key that CloudTrail wrote it to.
    pub place: (String, String),
    /// Which public key verifies it.
    pub fingerprint: String,
    /// The digest before it; `None` where validation of log files began, or began again.
    pub previous: Option<PreviousDigest>,
    /// Log files delivered in its time.
    pub log_files: Vec<NamedLogFile>,
    /// SHA-256 of its content without compression, in hexadecimal.
    pub sha256: String,
    /// Whether bytes stand behind the compressed content.
    pub has_trailing_bytes: bool,
    /// What AWS signed.
    signed: String,
}

/// What a digest says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousDigest {
    /// Bucket and key that CloudTrail wrote it to.
    pub place: (String, String),
    /// SHA-256 of its content without compression, in hexadecimal.
    pub sha256: Option<String>,
    /// Its signature, in hexadecimal.
    pub signature: Option<String>,
}

impl Digest {
    /// Reads a digest file, as CloudTrail stores it.
    ///
    /// # Errors
    /// What is wrong, in words, if it is not gzip, not JSON, or lacks a member.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut decoder = GzDecoder::new(bytes);
        let mut text = Vec::new();
        let read = decoder.by_ref().take(MOST_BYTES).read_to_end(&mut text);
        read.map_err(|error| format!("it is not gzip: {error}"))?;
        let has_trailing_bytes = !decoder.get_ref().is_empty();
        let content: Content = serde_json::from_slice(&text)
            .map_err(|error| format!("it is not a digest: {error}"))?;
        let sha256 = hex(&Sha256::digest(&text));
        let time = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text);
            time.map(|time| time.to_utc()).map_err(|_| format!("{text:?} is not a time"))
        };
        let signed = format!(
            "{}\n{}/{}\n{sha256}\n{}",
            content.digest_end_time,
            content.digest_s3_bucket,
            content.digest_s3_object,
            content.previous_digest_signature.as_deref().unwrap_or("null"),
        );
        let previous = content.previous_digest_s3_bucket.zip(content.previous_digest_s3_object);
        Ok(Self {
            start: time(&content.digest_start_time)?,
            end: time(&content.digest_end_time)?,
            place: (content.digest_s3_bucket, content.digest_s3_object),
            fingerprint: content.digest_public_key_fingerprint,
            previous: previous.map(|place| PreviousDigest {
                place,
                sha256: content.previous_digest_hash_value,
                signature: content.previous_digest_signature,
            }),
            log_files: content.log_files.unwrap_or_default(),
            sha256,
            has_trailing_bytes,
            signed,
        })
    }

    /// Returns whether AWS signed this digest with the key that it names. `signature` is in
    /// hexadecimal.
    ///
    /// The string that is signed and the algorithm (RSA, PKCS #1 v1.5, SHA-256):
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html>.
    pub fn is_signed(&self, signature: &str, keys: &PublicKeys) -> bool {
        keys.verify(&self.fingerprint, self.signed.as_bytes(), signature)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;

//! Reading what is to be proved: digest files with their signatures, and the hashes of log files.

use ecstrail_converter::{Digest, DigestName, LogFile};
use flate2::{Decompress, DecompressError, FlushDecompress, Status};
use futures::TryStreamExt;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, path::Path};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{convert::TrailStore, proof::TrailFindingKind};

/// What the name of a file ends with that keeps what `aws s3api head-object` printed of a digest:
/// a file on the local disk has no metadata.
const SIDECAR: &str = ".metadata.json";
/// The names of the metadata that CloudTrail gives a digest.
const SIGNATURE: &str = "signature";
const SIGNATURE_ALGORITHM: &str = "signature-algorithm";
const BACKFILL_TIME: &str = "backfill-generation-timestamp";
/// What gzip begins with (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The logarithm of the largest window of gzip, 32 KiB.
const WINDOW_BITS: u8 = 15;
/// Bytes that are decompressed at once.
const CONTENT_BYTES: usize = 64 << 10;
/// Files that are read at once.
pub(super) const CONCURRENT_READS: usize = 32;
/// Bytes of a sidecar at most.
const MOST_SIDECAR_BYTES: u64 = 1 << 20;

/// A digest file that was read.
#[derive(Debug)]
pub(super) struct ReadDigest {
    pub(super) name: DigestName,
    pub(super) url: String,
    pub(super) digest: Result<Digest, String>,
    pub(super) metadata: Metadata,
}

/// What is known of a digest beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Metadata {
    /// Nothing, since a copy of the object has none.
    Lost,
    /// As CloudTrail gave it.
    Kept { signature: Option<String>, has_backfill_time: bool },
}

/// Reads a digest file. `is_copy`: one without metadata has lost it.
pub(super) async fn digest(
    store: &TrailStore,
    file: &LogFile,
    name: DigestName,
    is_copy: bool,
) -> ReadDigest {
    let url = file.url();
    let read = async {
        let found = store.objects().get(&file.path).await?;
        let attributes = found.attributes.clone();
        Ok::<_, object_store::Error>((attributes, found.bytes().await?))
    };
    let (attributes, digest) = match read.await {
        Ok((attributes, bytes)) => (attributes, Digest::parse(&bytes)),
        Err(error) => (Attributes::new(), Err(format!("it cannot be read: {error}"))),
    };
    let kept = metadata(&attributes);
    let metadata = match (kept, store) {
        (Some(kept), _) => kept,
        (None, TrailStore::Folder(_)) => sidecar(store, &file.path).await,
        (None, TrailStore::Objects(_)) if is_copy => Metadata::Lost,
        (None, TrailStore::Objects(_)) => {
            Metadata::Kept { signature: None, has_backfill_time: false }
        }
    };
    ReadDigest { name, url, digest, metadata }
}

fn metadata(attributes: &Attributes) -> Option<Metadata> {
    let get = |name: &'static str| attributes.get(&Attribute::Metadata(name.into()));
    let has_any = [SIGNATURE, SIGNATURE_ALGORITHM].iter().any(|name| get(name).is_some());
    has_any.then(|| Metadata::Kept {
        signature: get(SIGNATURE_ALGORITHM)
            .and_then(|_| get(SIGNATURE))
            .map(|value| value.as_ref().to_owned()),
        has_backfill_time: get(BACKFILL_TIME).is_some(),
    })
}

async fn sidecar(store: &TrailStore, path: &Path) -> Metadata {
    let path = Path::from(format!("{path}{SIDECAR}"));
    let read = async {
        let found = store.objects().get(&path).await.ok()?;
        if found.meta.size > MOST_SIDECAR_BYTES {
            return None;
        }
        found.bytes().await.ok()
    };
    let Some(bytes) = read.await else { return Metadata::Lost };
    let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let get = |name: &str| value.get("Metadata")?.get(name)?.as_str().map(ToOwned::to_owned);
    Metadata::Kept {
        signature: get(SIGNATURE_ALGORITHM).and_then(|_| get(SIGNATURE)),
        has_backfill_time: get(BACKFILL_TIME).is_some(),
    }
}

/// What a log file was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hashed {
    /// SHA-256 of its content without compression.
    Sha256([u8; 32]),
    /// The compressed stream has no end; SHA-256 of what there is.
    Truncated([u8; 32]),
    /// It is not gzip; SHA-256 of its bytes.
    NotGzip([u8; 32]),
    /// There is no such file.
    Missing,
    /// It cannot be judged, or is wrong whatever its content is.
    Wrong(TrailFindingKind, String),
}

/// Reads a log file and returns the hash of its content. As a digest has it, that is of one gzip
/// member; whatever stands behind it is wrong.
pub(super) async fn hash(store: &dyn ObjectStore, path: &Path) -> Hashed {
    let unreadable = |error: &dyn std::fmt::Display| {
        Hashed::Wrong(TrailFindingKind::LogUnreadable, error.to_string())
    };
    let mut pieces = match store.get(path).await {
        Ok(found) => found.into_stream(),
        Err(object_store::Error::NotFound { .. }) => return Hashed::Missing,
        Err(error) => return unreadable(&format!("it cannot be read: {error}")),
    };
    let mut member = Member::new();
    let mut stored = Sha256::new();
    let mut start: Vec<u8> = Vec::new();
    let is_gzip = |start: &[u8]| GZIP.starts_with(start);
    loop {
        let piece = match pieces.try_next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(error) => return unreadable(&format!("it cannot be read: {error}")),
        };
        start.extend(piece.iter().take(GZIP.len() - start.len()));
        if start != GZIP {
            stored.update(&piece);
        }
        if !is_gzip(&start) {
            continue;
        }
        match member.read(&piece) {
            Ok(true) => {}
            Ok(false) => {
                let detail = "there are bytes after the compressed log";
                return Hashed::Wrong(TrailFindingKind::LogTrailing, detail.to_owned());
            }
            Err(error) => return unreadable(&format!("it is not sound gzip: {error}")),
        }
    }
    if !is_gzip(&start) {
        return Hashed::NotGzip(stored.finalize().into());
    }
    let hash = member.hash.finalize().into();
    if member.is_ended { Hashed::Sha256(hash) } else { Hashed::Truncated(hash) }
}

/// The first member of a gzip stream, hashed as it comes.
struct Member {
    decompress: Decompress,
    hash: Sha256,
    content: Vec<u8>,
    is_ended: bool,
}

impl Member {
    fn new() -> Self {
        Self {
            decompress: Decompress::new_gzip(WINDOW_BITS),
            hash: Sha256::new(),
            content: Vec::with_capacity(CONTENT_BYTES),
            is_ended: false,
        }
    }

    /// Reads on; returns whether all of it was of the member.
    fn read(&mut self, stored: &[u8]) -> Result<bool, DecompressError> {
        let mut rest = stored;
        while !self.is_ended {
            let before = self.decompress.total_in();
            self.content.clear();
            let status =
                self.decompress.decompress_vec(rest, &mut self.content, FlushDecompress::None)?;
            self.hash.update(&self.content);
            let read = usize::try_from(self.decompress.total_in() - before).unwrap_or(rest.len());
            rest = &rest[read..];
            self.is_ended = status == Status::StreamEnd;
            if rest.is_empty() && self.content.len() < self.content.capacity() {
                return Ok(true);
            }
        }
        Ok(rest.is_empty())
    }
}

/// Reads a SHA-256 in hexadecimal.
pub(super) fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let digits = hex.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

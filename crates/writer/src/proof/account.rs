//! The digests and log files of one account, as they are listed: digests come before log files.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::Arc,
};

use ecstrail_converter::{
    ChainName, DigestName, LogFile, NamedLogFile, NamedLogFiles, Place, PlaceForm,
};
use futures::{StreamExt, stream};
use object_store::path::Path;

use crate::{
    convert::Source,
    error::{Error, Result},
    progress::{Progress, Stage},
    proof::{
        Bounds, ProofOptions, TrailFindingKind as Kind, TrailProof,
        chain::{BelievedDigest, Chain},
        converted::{Converted, Known},
        coverage::Coverage,
        read::{self, CONCURRENT_READS, Hashed, ReadDigest, bytes_of},
    },
    workers::joined,
};

/// Log files that are listed before they are read.
const WAITING_FILES: usize = 1024;

/// A log file that digests name.
#[derive(Debug)]
struct Named {
    /// What each of them states; `None` if that is no hash.
    hashes: Vec<Option<[u8; 32]>>,
    /// The first of them.
    digest: Arc<str>,
    /// Whether AWS signed one of them.
    is_proved: bool,
    is_listed: bool,
}

impl Named {
    /// Adds what a digest states. What AWS signed counts more than what anybody may have written.
    fn state(&mut self, hash: Option<[u8; 32]>, digest: &Arc<str>, is_signed: bool) {
        if is_signed && !self.is_proved {
            self.hashes.clear();
            self.digest = Arc::clone(digest);
            self.is_proved = true;
        }
        if is_signed == self.is_proved && !self.hashes.contains(&hash) {
            self.hashes.push(hash);
        }
    }
}

/// A log file that is read.
#[derive(Debug)]
struct Waiting {
    url: String,
    path: Path,
    bytes: u64,
    place: Place,
    /// The hashes under which it was converted, if as it is now it was not.
    before: Vec<[u8; 32]>,
}

/// The digests and log files below one folder.
#[derive(Debug)]
pub(super) struct Account<'a> {
    /// Path below the source; empty for what stands outside the structure of a trail.
    pub(super) folder: String,
    source: &'a Source,
    options: &'a ProofOptions,
    bounds: Bounds,
    form: PlaceForm,
    folder_url: String,
    /// With a slash at its end.
    source_url: String,
    digests: Vec<LogFile>,
    /// Log files that wait until all digests are known.
    log_files: Vec<LogFile>,
    is_judged: bool,
    named: HashMap<Place, Named>,
    /// By account and region.
    coverage: HashMap<(String, String), Coverage>,
    waiting: Vec<Waiting>,
}

impl<'a> Account<'a> {
    pub(super) fn new(
        folder: String,
        source: &'a Source,
        options: &'a ProofOptions,
        bounds: Bounds,
    ) -> Self {
        let source_url = format!("{}/", source.base_url.trim_end_matches('/'));
        let folder_url = format!("{source_url}{folder}");
        Self {
            form: PlaceForm::of(&folder_url, options.is_copy),
            folder,
            source,
            options,
            bounds,
            folder_url,
            source_url,
            digests: Vec::new(),
            log_files: Vec::new(),
            is_judged: false,
            named: HashMap::new(),
            coverage: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Takes a digest file.
    pub(super) fn digest(&mut self, file: LogFile) {
        self.digests.push(file);
    }

    /// Takes a log file. In an account's folder, all digests are listed before the first of them.
    pub(super) async fn log_file(
        &mut self,
        file: LogFile,
        converted: &mut Option<Converted>,
        proof: &mut TrailProof,
        progress: &Progress,
    ) -> Result<()> {
        if self.folder.is_empty() {
            self.log_files.push(file);
            return Ok(());
        }
        if !self.is_judged {
            self.judge(proof, progress).await?;
        }
        self.take(&file, converted, proof);
        if self.waiting.len() >= WAITING_FILES {
            self.read_waiting(proof, progress).await?;
        }
        Ok(())
    }

    /// Reads what was not read yet, and finds what is not there.
    pub(super) async fn finish(
        mut self,
        converted: &mut Option<Converted>,
        proof: &mut TrailProof,
        progress: &Progress,
    ) -> Result<()> {
        if !self.is_judged {
            self.judge(proof, progress).await?;
        }
        for file in mem::take(&mut self.log_files) {
            self.take(&file, converted, proof);
        }
        self.read_waiting(proof, progress).await?;
        // A digest can name a log file of another folder.
        let unlisted: Vec<Place> = self
            .named
            .iter()
            .filter(|(_, named)| !named.is_listed)
            .map(|(place, _)| place.clone())
            .collect();
        for place in unlisted {
            let url = place.url(self.form, &self.folder_url);
            let Some(path) = self.path_of(&url) else {
                proof.elsewhere += 1;
                self.named.remove(&place);
                continue;
            };
            self.waiting.push(Waiting { url, path, bytes: 0, place, before: Vec::new() });
        }
        proof.log_files += self.named.len() as u64;
        self.read_waiting(proof, progress).await
    }

    /// Reads the digests alone.
    pub(super) async fn finish_digests(
        mut self,
        named: &mut NamedLogFiles,
        proof: &mut TrailProof,
        progress: &Progress,
    ) -> Result<()> {
        self.judge(proof, progress).await?;
        proof.log_files += self.named.len() as u64;
        for (place, Named { hashes, digest, is_proved, .. }) in self.named {
            named.add(place, hashes, digest, is_proved);
        }
        Ok(())
    }

    fn path_of(&self, url: &str) -> Option<Path> {
        let below = url.strip_prefix(&self.source_url)?;
        let path = Path::parse(below).unwrap_or_else(|_| Path::from(below));
        Some(self.source.path.parts().chain(path.parts()).collect())
    }

    /// Reads the digests, and judges their chains.
    async fn judge(&mut self, proof: &mut TrailProof, progress: &Progress) -> Result<()> {
        self.is_judged = true;
        let bounds = self.bounds;
        let selection = &self.options.selection;
        let wanted = mem::take(&mut self.digests).into_iter().filter_map(|file| {
            let name = DigestName::parse(&file.source_file)?;
            let ChainName { account, region, .. } = &name.chain;
            let is_wanted = bounds.contain(name.end)
                && (selection.accounts.is_empty() || selection.accounts.contains(account))
                && (selection.regions.is_empty() || selection.regions.contains(region));
            is_wanted.then(|| {
                progress.plan(file.bytes);
                (file, name)
            })
        });
        let (store, is_copy) = (&self.source.store, self.options.is_copy);
        let reads = wanted.map(|(file, name)| async move {
            let read = read::digest(store, &file, name, is_copy).await;
            progress.read(file.bytes, 0, 0);
            read
        });
        progress.enter(Stage::Reading);
        let reads: Vec<ReadDigest> =
            stream::iter(reads.collect::<Vec<_>>()).buffered(CONCURRENT_READS).collect().await;
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let mut chains: BTreeMap<&ChainName, Vec<&ReadDigest>> = BTreeMap::new();
        for read in &reads {
            chains.entry(&read.name.chain).or_default().push(read);
        }
        for (name, mut digests) in chains {
            digests.sort_by(|a, b| (a.name.end, &a.url).cmp(&(b.name.end, &b.url)));
            let chain = Chain {
                name,
                digests: &digests,
                keys: self.options.keys.as_ref(),
                form: self.form,
                folder_url: &self.folder_url,
                source_url: &self.source_url,
                bounds: self.bounds,
            };
            let scope = (name.account.clone(), name.region.clone());
            let coverage = self.coverage.entry(scope).or_default();
            for BelievedDigest { url, digest, is_signed } in chain.judge(proof, coverage) {
                let url: Arc<str> = Arc::from(url);
                for file in &digest.log_files {
                    let NamedLogFile { s3_bucket, s3_object, hash_value } = file;
                    let place = Place::stated(s3_bucket, s3_object, self.form);
                    let digest = Arc::clone(&url);
                    let named = self.named.entry(place).or_insert_with(|| Named {
                        hashes: Vec::with_capacity(1),
                        digest,
                        is_proved: false,
                        is_listed: false,
                    });
                    named.state(bytes_of(hash_value), &url, is_signed);
                }
            }
        }
        self.coverage.values_mut().for_each(Coverage::settle);
        progress.enter(Stage::Listing);
        Ok(())
    }

    /// Judges a log file, or puts it with those that are to be read.
    fn take(&mut self, file: &LogFile, converted: &mut Option<Converted>, proof: &mut TrailProof) {
        let url = file.url();
        let known = converted.as_mut().map_or(Known::No, |converted| converted.look_up(file));
        let place = Place::of_url(&url, self.form);
        let before = match &known {
            Known::AsAnother(hashes) if file.key().is_some() => hashes.clone(),
            _ => Vec::new(),
        };
        let is_to_read = if let Some(named) = self.named.get_mut(&place) {
            named.is_listed = true;
            let is_same =
                matches!(known, Known::AsItIs(hash) if hash.is_some() && named.hashes == [hash]);
            if is_same {
                proof.count_same(named.is_proved);
                proof.log_files_from_ledger += 1;
            }
            !is_same
        } else {
            self.judge_unnamed(file, &url, proof);
            !before.is_empty()
        };
        if is_to_read {
            let (path, bytes) = (file.path.clone(), file.bytes);
            self.waiting.push(Waiting { url, path, bytes, place, before });
        }
    }

    fn judge_unnamed(&self, file: &LogFile, url: &str, proof: &mut TrailProof) {
        let coverage = |account: &str, region: &str| {
            self.coverage.get(&(account.to_owned(), region.to_owned()))
        };
        let key = file.key();
        if let Some((account, region)) = folder_of_region(url)
            && key.as_ref().is_none_or(|key| (key.account, key.region) != (account, region))
            && coverage(account, region).is_some()
        {
            let detail = "CloudTrail does not give such a name to a log file in this folder";
            proof.find(Kind::LogUnnamed, url, detail);
            return;
        }
        let is_covered = key.zip(file.delivered_at()).is_some_and(|(key, delivered)| {
            coverage(key.account, key.region).is_some_and(|coverage| coverage.covers(delivered))
        });
        if file.delivered_at().is_some_and(|delivered| !self.bounds.contain_delivery(delivered)) {
            return;
        }
        if is_covered {
            let detail = "no digest names it, though digests cover the time of its delivery";
            proof.find(Kind::LogUnnamed, url, detail);
        } else {
            proof.log_files_unjudged += 1;
        }
    }

    async fn read_waiting(&mut self, proof: &mut TrailProof, progress: &Progress) -> Result<()> {
        let waiting = mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        progress.enter(Stage::Reading);
        for Waiting { bytes, .. } in &waiting {
            progress.plan(*bytes);
        }
        let reads = waiting.into_iter().map(|waiting| {
            let store = self.source.store.objects();
            async move {
                let path = waiting.path.clone();
                let hashed = tokio::spawn(async move { read::hash(&*store, &path).await }).await;
                (waiting, hashed)
            }
        });
        let mut reads = stream::iter(reads.collect::<Vec<_>>()).buffer_unordered(CONCURRENT_READS);
        while let Some((waiting, hashed)) = reads.next().await {
            if progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            progress.read(waiting.bytes, 0, 0);
            let hashed = joined(hashed)?;
            judge_read(self.named.get(&waiting.place), &waiting, &hashed, proof);
        }
        progress.enter(Stage::Listing);
        Ok(())
    }
}

/// Returns the account and region whose folder of log files a file is in.
fn folder_of_region(url: &str) -> Option<(&str, &str)> {
    let (above, below) = url.rsplit_once("/CloudTrail/")?;
    let (account, region) = (above.rsplit('/').next()?, below.split('/').next()?);
    below.contains('/').then_some((account, region))
}

/// Holds what was read of a log file against what digests say, and against what was converted.
fn judge_read(named: Option<&Named>, waiting: &Waiting, hashed: &Hashed, proof: &mut TrailProof) {
    let url = &waiting.url;
    if let Some(Named { hashes, digest, is_proved, .. }) = named {
        match hashed {
            Hashed::Sha256(hash) if hashes.iter().all(|stated| *stated == Some(*hash)) => {
                proof.count_same(*is_proved);
            }
            Hashed::Sha256(_) => {
                let detail = format!("its SHA-256 is not the one that {digest} states");
                proof.find(Kind::LogChanged, url, detail);
            }
            Hashed::Truncated(hash) if hashes.iter().all(|stated| *stated == Some(*hash)) => {
                let detail = "its content is what the digest states, but the compressed stream has \
                              no end";
                proof.find(Kind::LogTruncated, url, detail);
            }
            Hashed::Truncated(_) => {
                proof.find(Kind::LogChanged, url, "the compressed stream ends early");
            }
            Hashed::Missing => proof.find(Kind::LogMissing, url, format!("{digest} names it")),
            Hashed::NotGzip(_) => {
                proof.find(
                    Kind::LogUnreadable,
                    url,
                    "it is not gzip, as CloudTrail's log files are",
                );
            }
            Hashed::Wrong(kind, detail) => proof.find(*kind, url, detail),
        }
    }
    if let Some(detail) = hashed.is_other_than(&waiting.before) {
        proof.find(Kind::LogReplaced, url, detail);
    }
}

//! One chain of digests: whether AWS signed each, and whether the links between them are whole.

use std::collections::{HashMap, HashSet};

use ecstrail_converter::{ChainName, Digest, DigestName, Place, PlaceForm, PublicKeys};

use crate::proof::{
    Bounds, ChainProof, DigestGap, TrailFindingKind as Kind, TrailProof,
    coverage::Coverage,
    read::{Metadata, ReadDigest},
};

/// What the digests of a chain are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain<'a> {
    pub(super) name: &'a ChainName,
    /// By the ends of their hours.
    pub(super) digests: &'a [&'a ReadDigest],
    pub(super) keys: Option<&'a PublicKeys>,
    pub(super) form: PlaceForm,
    /// URL of the account's folder, and of the source.
    pub(super) folder_url: &'a str,
    pub(super) source_url: &'a str,
    pub(super) bounds: Bounds,
}

/// A digest that is not known to be wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct BelievedDigest<'a> {
    pub(super) url: &'a str,
    pub(super) digest: &'a Digest,
    /// Whether AWS signed it.
    pub(super) is_signed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Valid,
    /// Its signature is not known.
    Unproven,
    Invalid,
}

impl<'a> Chain<'a> {
    /// Judges all digests; returns those that are to be believed.
    pub(super) fn judge(
        &self,
        proof: &mut TrailProof,
        coverage: &mut Coverage,
    ) -> Vec<BelievedDigest<'a>> {
        let places: Vec<_> =
            self.digests.iter().map(|read| Place::of_url(&read.url, self.form)).collect();
        let known: HashMap<&Place, usize> = places.iter().zip(0..).collect();
        let signatures = self.stated_signatures();
        let mut standings = vec![Standing::Unproven; self.digests.len()];
        // The newest first: older ones are held against what these state.
        for (index, (read, place)) in self.digests.iter().zip(&places).enumerate().rev() {
            let stated = signatures.get(place).map_or(&[][..], Vec::as_slice);
            let standing = match self.verdict(read, place, stated, &standings) {
                Ok(standing) => standing,
                Err((kind, detail)) => {
                    proof.find(kind, &read.url, detail);
                    coverage.doubt(read.name.end);
                    Standing::Invalid
                }
            };
            if read.digest.as_ref().is_ok_and(|digest| digest.has_trailing_bytes) {
                let detail = "there are bytes after the compressed digest";
                proof.find(Kind::DigestTrailing, &read.url, detail);
            }
            standings[index] = standing;
        }
        let believed: Vec<(usize, &Digest)> = (0..)
            .zip(self.digests)
            .zip(&standings)
            .filter(|(_, standing)| **standing != Standing::Invalid)
            .filter_map(|((index, read), _)| Some((index, read.digest.as_ref().ok()?)))
            .collect();
        for (index, digest) in &believed {
            if self.is_proved(standings[*index]) {
                coverage.cover(digest.start, digest.end);
            }
        }
        self.check_links(&known, &standings, &believed, proof, coverage);
        self.find_gaps(&believed, proof);
        let of = |wanted| standings.iter().filter(|standing| **standing == wanted).count() as u64;
        proof.digests += standings.len() as u64;
        proof.digests_valid += of(Standing::Valid);
        proof.digests_unproven += of(Standing::Unproven);
        proof.chains.push(ChainProof {
            name: self.name.clone(),
            digests: standings.len() as u64,
            valid: of(Standing::Valid),
            from: believed.iter().map(|(_, digest)| digest.start).min(),
            to: believed.iter().map(|(_, digest)| digest.end).max(),
        });
        let believed = believed.into_iter().map(|(index, digest)| BelievedDigest {
            url: &self.digests[index].url,
            digest,
            is_signed: standings[index] == Standing::Valid,
        });
        believed.collect()
    }

    /// The signatures that digests state of those before them, each with the index of who states it.
    fn stated_signatures(&self) -> HashMap<Place, Vec<(usize, &'a str)>> {
        let mut signatures: HashMap<Place, Vec<(usize, &str)>> = HashMap::new();
        for (index, read) in self.digests.iter().enumerate() {
            if let Ok(digest) = &read.digest
                && let Some(previous) = &digest.previous
                && let Some(signature) = &previous.signature
            {
                let stated = signatures.entry(self.place(&previous.place)).or_default();
                stated.push((index, signature));
            }
        }
        signatures
    }

    /// Whether nobody but CloudTrail can have written a digest, as far as that is verified.
    fn is_proved(&self, standing: Standing) -> bool {
        standing == Standing::Valid || self.keys.is_none()
    }

    fn place(&self, (bucket, key): &(String, String)) -> Place {
        Place::stated(bucket, key, self.form)
    }

    fn verdict(
        &self,
        read: &ReadDigest,
        place: &Place,
        stated: &[(usize, &str)],
        standings: &[Standing],
    ) -> Result<Standing, (Kind, String)> {
        let digest =
            read.digest.as_ref().map_err(|reason| (Kind::DigestUnreadable, reason.clone()))?;
        let (bucket, key) = &digest.place;
        if self.place(&digest.place) != *place {
            let detail = format!("CloudTrail delivered it to s3://{bucket}/{key}");
            return Err((Kind::DigestMoved, detail));
        }
        if let Metadata::Kept { has_backfill_time: false, signature: Some(_) } = read.metadata
            && self.name.is_backfill
        {
            let detail = "its metadata has no backfill-generation-timestamp";
            return Err((Kind::DigestUnreadable, detail.to_owned()));
        }
        let Some(keys) = self.keys else { return Ok(Standing::Unproven) };
        if !keys.has(&digest.fingerprint) {
            let detail = format!("no key with the fingerprint {} was given", digest.fingerprint);
            return Err((Kind::DigestKeyUnknown, detail));
        }
        let (signatures, is_disputed): (Vec<&str>, bool) = match &read.metadata {
            Metadata::Kept { signature: None, .. } => {
                let detail = "it has lost its signature, which stood in its metadata";
                return Err((Kind::DigestSignature, detail.to_owned()));
            }
            Metadata::Kept { signature: Some(signature), .. } => (vec![signature], true),
            // Whoever changed a digest may have changed what it states.
            Metadata::Lost => (
                stated.iter().map(|(_, signature)| *signature).collect(),
                stated.iter().any(|(index, _)| standings[*index] == Standing::Valid),
            ),
        };
        if signatures.iter().any(|signature| digest.is_signed(signature, keys)) {
            return Ok(Standing::Valid);
        }
        if is_disputed {
            return Err((Kind::DigestSignature, "AWS did not sign this content".to_owned()));
        }
        Ok(Standing::Unproven)
    }

    /// Checks what each digest says of the one before it.
    fn check_links(
        &self,
        known: &HashMap<&Place, usize>,
        standings: &[Standing],
        believed: &[(usize, &Digest)],
        proof: &mut TrailProof,
        coverage: &mut Coverage,
    ) {
        let mut linked = HashSet::new();
        for (index, digest) in believed {
            let Some(previous) = &digest.previous else { continue };
            let place = self.place(&previous.place);
            if let Some(before) = known.get(&place) {
                linked.insert(*before);
                let read = self.digests[*before];
                let is_one_proved =
                    self.is_proved(standings[*index]) || self.is_proved(standings[*before]);
                if standings[*before] == Standing::Invalid
                    || (is_one_proved && !self.is_proved(standings[*index]))
                {
                    continue;
                }
                let has_hash = |digest: &Digest| {
                    previous.sha256.as_ref().is_none_or(|hash| *hash == digest.sha256)
                };
                let is_same = read.digest.as_ref().is_ok_and(has_hash);
                let has_signature = match &read.metadata {
                    Metadata::Kept { signature: Some(signature), .. } => previous
                        .signature
                        .as_ref()
                        .is_none_or(|stated| stated.eq_ignore_ascii_case(signature)),
                    _ => true,
                };
                if !is_same || !has_signature {
                    let what = if is_same { "signature" } else { "hash" };
                    let next = &self.digests[*index].url;
                    let one = if is_one_proved { "" } else { ": one of the two was changed" };
                    let detail =
                        format!("{next}, the next digest, states another {what} of it{one}");
                    proof.find(Kind::DigestLink, &read.url, detail);
                }
                continue;
            }
            let name = DigestName::parse(&previous.place.1);
            let is_asked = |name: &DigestName| {
                let is_older = self.digests.first().is_none_or(|first| name.end < first.name.end);
                self.bounds.contain(name.end) && !(self.bounds.is_recent && is_older)
            };
            if name.as_ref().is_some_and(|name| !is_asked(name)) {
                continue;
            }
            let url = place.url(self.form, self.folder_url);
            if !url.starts_with(self.source_url) {
                proof.elsewhere += 1;
                continue;
            }
            if let Some(name) = name {
                coverage.doubt(name.end);
            }
            let next = &self.digests[*index].url;
            let detail = format!(
                "{next}, the next digest, names it; if older files were deleted on purpose, verify \
                 with --from"
            );
            proof.find(Kind::DigestMissing, url, detail);
        }
        for pair in believed.windows(2) {
            let [(before, _), (next, digest)] = pair else { continue };
            let continues = digest
                .previous
                .as_ref()
                .and_then(|previous| known.get(&self.place(&previous.place)));
            let is_passed_by = continues.is_some_and(|continued| continued != before);
            let is_neighbor = *next == before + 1 && self.is_proved(standings[*next]);
            if is_neighbor && is_passed_by && !linked.contains(before) {
                let next = &self.digests[*next].url;
                let detail = format!("{next}, the next digest, continues another one");
                proof.find(Kind::DigestUnlinked, &self.digests[*before].url, detail);
            }
        }
    }

    /// Finds where the chain begins anew.
    fn find_gaps(&self, believed: &[(usize, &Digest)], proof: &mut TrailProof) {
        for pair in believed.windows(2) {
            let [(_, before), (_, next)] = pair else { continue };
            if next.previous.is_none() {
                let chain = self.name.clone();
                proof.gaps.push(DigestGap { chain, from: before.end, to: next.start });
            }
        }
    }
}

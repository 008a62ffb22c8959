use std::{
    fs,
    path::{Path as DiskPath, PathBuf},
};

use ecstrail_converter::{Digest, DigestName};
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions, memory::InMemory, path::Path,
};
use serde_json::Value;

use super::*;
use crate::convert::TrailStore;

const BUCKET: &str = "example-trails";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/digests")
}

fn keys() -> PublicKeys {
    let mut keys = PublicKeys::default();
    keys.add(&fs::read_to_string(folder().join("keys.json")).unwrap()).unwrap();
    keys
}

/// What the next digests state of the signatures of those before them, and what the files beside the
/// newest ones do, by the names of the digests.
fn signatures(files: &[PathBuf]) -> Vec<(String, String)> {
    let mut signatures = Vec::new();
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    for file in files {
        let path = file.to_str().unwrap();
        if let Some(digest) = path.strip_suffix(".metadata.json") {
            let known: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
            let signature = known["Metadata"]["signature"].as_str().unwrap();
            signatures.push((name(digest), signature.to_owned()));
        } else if let Some(previous) = DigestName::parse(path)
            .and_then(|_| Digest::parse(&fs::read(file).unwrap()).unwrap().previous)
        {
            signatures.push((name(&previous.place.1), previous.signature.unwrap()));
        }
    }
    signatures
}

fn files(folder: &DiskPath) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The trail in a bucket, with the signatures as metadata.
async fn bucket() -> Arc<InMemory> {
    let store = Arc::new(InMemory::new());
    let root = folder().join("trail");
    let files = files(&root);
    let signatures = signatures(&files);
    for file in files.iter().filter(|file| !file.to_str().unwrap().ends_with(".metadata.json")) {
        let key = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let mut attributes = Attributes::new();
        let mut set = |name: &'static str, value: String| {
            attributes.insert(Attribute::Metadata(name.into()), value.into());
        };
        if let Some((_, signature)) = signatures.iter().find(|(name, _)| key.ends_with(name)) {
            set("signature", signature.clone());
            set("signature-algorithm", "SHA256withRSA".to_owned());
            if key.contains("_backfill") {
                set("backfill-generation-timestamp", "2026-01-06T00:00:00Z".to_owned());
            }
        }
        let options = PutOptions { attributes, ..PutOptions::default() };
        store.put_opts(&Path::from(key), fs::read(file).unwrap().into(), options).await.unwrap();
    }
    store
}

async fn proved(store: &Arc<InMemory>, bucket: &str, options: &ProofOptions) -> TrailProof {
    let source = Source {
        store: TrailStore::Objects(Arc::<InMemory>::clone(store)),
        path: Path::default(),
        base_url: format!("s3://{bucket}/"),
        pattern: None,
    };
    prove_trail(&source, options, None, &Arc::default()).await.unwrap()
}

fn kinds(proof: &TrailProof) -> Vec<&'static str> {
    proof.findings.iter().map(|finding| finding.kind.name()).collect()
}

#[tokio::test]
async fn metadata_of_objects() {
    let store = bucket().await;
    let options = ProofOptions { keys: Some(keys()), ..ProofOptions::default() };
    let proof = proved(&store, BUCKET, &options).await;
    // The last before a gap has lost its signature.
    assert_eq!(kinds(&proof), ["digest_signature"]);
    assert_eq!((proof.digests, proof.digests_valid, proof.log_files_valid), (14, 13, 11));
    let copied = ProofOptions { is_copy: true, ..options.clone() };
    let elsewhere = proved(&store, "archive", &options).await;
    assert_eq!(kinds(&elsewhere), ["digest_moved"; 14]);
    let copy = proved(&store, "archive", &copied).await;
    assert_eq!((kinds(&copy), copy.digests_unproven), (Vec::new(), 1));
    assert_eq!(copy.log_files_valid, 11);
}

#[tokio::test]
async fn bounds_cut_chains_without_a_finding() {
    let store = bucket().await;
    let day = "2026-01-05".parse().ok();
    let selection = Selection { from: day, until: day, ..Selection::default() };
    let options = ProofOptions { keys: Some(keys()), selection, is_copy: false };
    let proof = proved(&store, BUCKET, &options).await;
    assert_eq!((kinds(&proof), proof.digests, proof.log_files_valid), (Vec::new(), 3, 4));
}

#[tokio::test]
async fn a_missing_log_file_is_named_by_its_url() {
    let store = bucket().await;
    let gone = files(&folder().join("trail/AWSLogs/444455556666/CloudTrail"));
    let name = gone[0].file_name().unwrap().to_str().unwrap();
    let objects: Vec<_> = futures::TryStreamExt::try_collect(store.list(None)).await.unwrap();
    let file: &object_store::ObjectMeta =
        objects.iter().find(|object| object.location.as_ref().ends_with(name)).unwrap();
    let options = ProofOptions { keys: Some(keys()), is_copy: true, ..ProofOptions::default() };
    store.delete(&file.location).await.unwrap();
    let proof = proved(&store, "archive", &options).await;
    assert_eq!(kinds(&proof), ["log_missing"]);
    assert!(
        proof.findings[0].url.ends_with(name) && proof.findings[0].url.starts_with("s3://archive")
    );
}

use std::{fs, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::*;

/// A digest of a made-up trail, what is known of it, and the keys that it is verified with.
fn newest() -> (Vec<u8>, Value, String) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli/digests");
    let digest = folder.join(
        "trail/AWSLogs/444455556666/CloudTrail-Digest/us-west-2/2026/01/04/\
         444455556666_CloudTrail-Digest_us-west-2_management-events_us-west-2_20260104T081246Z.json.gz",
    );
    let sidecar = format!("{}.metadata.json", digest.display());
    let known = serde_json::from_slice(&fs::read(sidecar).unwrap()).unwrap();
    (fs::read(digest).unwrap(), known, fs::read_to_string(folder.join("keys.json")).unwrap())
}

#[test]
fn names() {
    let name = |file: &str| {
        let DigestName { chain, end } = DigestName::parse(&format!("a/b/{file}"))?;
        let ChainName { account, region, trail, home_region, is_backfill } = chain;
        Some((account, region, trail, home_region, is_backfill, end.to_rfc3339()))
    };
    let text = str::to_owned;
    for (file, trail, is_backfill) in [
        ("t_us-east-1_20260427T100000Z.json.gz", "t", false),
        ("my_trail.v2_us-east-1_20260427T100000Z.json.gz", "my_trail.v2", false),
        ("t_us-east-1_20260427T100000Z_backfill.json.gz", "t", true),
        ("t_us-east-1_us-east-1_20260427T100000Z.json.gz", "t_us-east-1", false),
    ] {
        let file = format!("111122223333_CloudTrail-Digest_eu-west-1_{file}");
        let (account, region) = (text("111122223333"), text("eu-west-1"));
        let end = text("2026-04-27T10:00:00+00:00");
        let expected = (account, region, text(trail), text("us-east-1"), is_backfill, end);
        assert_eq!(name(&file), Some(expected), "{file}");
    }
    for other in [
        "111122223333_CloudTrail_eu-west-1_20260427T1000Z_x.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260427T1000Z.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20261327T100000Z.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260427T100000Z.json",
        "111122223333_CloudTrail-Digest_eu-west-1_us-east-1_20260427T100000Z.json.gz",
        "1_CloudTrail-Digest_eu-west-1_t_us-east-1_20260427T100000Z.json.gz",
        "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260427T100000Z.json.gz.metadata.json",
    ] {
        assert_eq!(name(other), None, "{other}");
    }
}

#[test]
fn places() {
    use PlaceForm::{BelowAwsLogs, Key, Name};
    for (url, is_copy, form) in [
        ("s3://bucket/AWSLogs/1", false, Key),
        ("s3://bucket/AWSLogs/1", true, BelowAwsLogs),
        ("file:///data/AWSLogs", false, BelowAwsLogs),
        ("file:///data/1/CloudTrail", false, Name),
        ("s3://copy/1/CloudTrail", true, Name),
    ] {
        assert_eq!(PlaceForm::of(url, is_copy), form, "{url}");
    }
    let key = "prefix/AWSLogs/1/CloudTrail/x.json.gz";
    for (form, url, source) in [
        (Key, "s3://bucket/prefix/AWSLogs/1/CloudTrail/x.json.gz", "s3://bucket/prefix"),
        (BelowAwsLogs, "file:///data/AWSLogs/1/CloudTrail/x.json.gz", "file:///data/AWSLogs/1"),
        (Name, "file:///data/x.json.gz", "file:///data/"),
    ] {
        let place = Place::stated("bucket", key, form);
        assert_eq!(place, Place::of_url(url, form));
        assert_eq!(place.url(form, source), url);
    }
}

#[test]
fn a_signed_digest() {
    let (bytes, known, keys) = newest();
    let digest = Digest::parse(&bytes).unwrap();
    assert_eq!(digest.end.to_rfc3339(), "2026-01-04T08:12:46+00:00");
    assert!(digest.previous.is_some() && !digest.has_trailing_bytes);
    let signature = known["Metadata"]["signature"].as_str().unwrap();
    let mut pkcs1 = PublicKeys::default();
    pkcs1.add(&keys).unwrap();
    pkcs1.add(&keys).unwrap();
    assert!(pkcs1.has(&digest.fingerprint));
    assert!(digest.is_signed(signature, &pkcs1));
    assert!(digest.is_signed(&signature.to_uppercase(), &pkcs1));
    for wrong in ["", "0", "zz", &signature[2..], &signature.replace('a', "b")] {
        assert!(!digest.is_signed(wrong, &pkcs1), "{wrong}");
    }
    assert!(!digest.is_signed(signature, &PublicKeys::default()));
    // The same keys as `SubjectPublicKeyInfo`, one after the other.
    let list: Value = serde_json::from_str(&keys).unwrap();
    let mut spki = PublicKeys::default();
    for key in list["PublicKeyList"].as_array().unwrap() {
        let value = STANDARD.decode(key["Value"].as_str().unwrap()).unwrap();
        let bits = u16::try_from(value.len() + 1).unwrap().to_be_bytes();
        let all = u16::try_from(value.len() + 20).unwrap().to_be_bytes();
        let mut der = vec![0x30, 0x82, all[0], all[1]];
        der.extend([0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
        der.extend([0x05, 0x00, 0x03, 0x82, bits[0], bits[1], 0x00]);
        der.extend(value);
        let mut key = key.clone();
        key["Value"] = STANDARD.encode(der).into();
        spki.add(&serde_json::json!({ "PublicKeyList": [key] }).to_string()).unwrap();
    }
    assert!(digest.is_signed(signature, &spki));
}

#[test]
fn what_is_no_digest_and_no_key() {
    let (bytes, ..) = newest();
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(Digest::parse(&longer).unwrap().has_trailing_bytes);
    for wrong in [&b""[..], b"{}", &bytes[..bytes.len() - 1]] {
        Digest::parse(wrong).unwrap_err();
    }
    for wrong in
        ["", "{", "[]", "1", r#"{"PublicKeyList":[]}"#, r#"[{"Value":"-","Fingerprint":"x"}]"#]
    {
        PublicKeys::default().add(wrong).unwrap_err();
    }
}

//! What comes out of compressed, damaged and strange files.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::*;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Reads a text as far as that goes; the salvage of what came before an error is checked too.
fn read(bytes: &[u8], limits: Limits) -> (Vec<u8>, Option<Error>, Arc<Observed>) {
    let open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(bytes.to_vec()))) };
    let stored = Stored {
        log_file: "a.json.gz",
        open: &open,
        archive: None,
        limits: &limits,
        limit_bytes: limits.file_bytes,
    };
    let observed = Arc::new(Observed::default());
    let mut text = match stored.text(u64::MAX, &observed) {
        Ok(text) => text,
        Err(error) => return (Vec::new(), Some(error), observed),
    };
    let container = text.container;
    let failure = text.skip().err().map(|error| stored.error(error, container));
    let first = text.finish();
    if failure.as_ref().is_some_and(|failure| !matches!(failure, Error::Damaged { .. })) {
        return (vec![0; usize::try_from(first.0).unwrap()], failure, observed);
    }
    let mut again = stored.text(first.0, &Arc::default()).unwrap();
    let mut out = Vec::new();
    again.read_to_end(&mut out).unwrap();
    assert_eq!(again.finish(), first);
    (out, failure, observed)
}

/// A frame of Zstandard to be skipped.
fn skippable(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    [&[0x50 + kind, 0x2a, 0x4d, 0x18], &length, bytes].concat()
}

#[test]
fn frames_that_are_skipped() {
    let a = zstd::encode_all(&b"{\"a\":1}"[..], 3).unwrap();
    let b = zstd::encode_all(&b"{\"b\":2}"[..], 3).unwrap();
    let (skipped, large) = (skippable(0, b"{}"), skippable(15, &[b'{'; 9000]));
    for (bytes, text) in [
        ([&skipped[..], &a].concat(), "{\"a\":1}"),
        ([&skipped[..], &skippable(7, b""), &large, &a].concat(), "{\"a\":1}"),
        ([&a[..], &large, &b, &skipped].concat(), "{\"a\":1}{\"b\":2}"),
        ([&a[..], &b].concat(), "{\"a\":1}{\"b\":2}"),
        (gzip(&[&skipped[..], &a].concat()), "{\"a\":1}"),
        (skipped.clone(), ""),
        ([&skipped[..], &large].concat(), ""),
    ] {
        let (out, failure, _) = read(&bytes, Limits::default());
        assert_eq!((String::from_utf8(out).unwrap().as_str(), failure.is_none()), (text, true));
    }
    for bytes in [
        large[..100].to_vec(),
        [&skipped[..], &a[..a.len() - 1]].concat(),
        [&skipped[..], b"{}"].concat(),
        [&a[..], b"garbage"].concat(),
        [&a[..], &large[..5000]].concat(),
    ] {
        let (_, failure, _) = read(&bytes, Limits::default());
        assert!(
            matches!(failure, Some(Error::Damaged { container: "Zstandard", .. })),
            "{failure:?}"
        );
    }
}

#[test]
fn members_and_what_stands_behind_them() {
    let (a, b) = (gzip(b"{\"a\":1}"), gzip(b"{\"b\":2}"));
    for (bytes, text, is_several, is_trailing) in [
        (a.clone(), "{\"a\":1}", false, false),
        ([&a[..], &b].concat(), "{\"a\":1}{\"b\":2}", true, false),
        ([&a[..], b"garbage"].concat(), "{\"a\":1}", false, true),
        ([&a[..], &[0; 512]].concat(), "{\"a\":1}", false, false),
        ([&a[..], &[0; 512], b"x"].concat(), "{\"a\":1}", false, true),
        ([&a[..], &[0x1f]].concat(), "{\"a\":1}", false, true),
        (gzip(&a), "{\"a\":1}", false, false),
        (zstd::encode_all(&b"{\"z\":1}"[..], 3).unwrap(), "{\"z\":1}", false, false),
        (gzip(b""), "", false, false),
    ] {
        let (out, failure, observed) = read(&bytes, Limits::default());
        assert_eq!(String::from_utf8(out).unwrap(), text);
        assert!(failure.is_none(), "{failure:?}");
        let found = (observed.has_further_members(), observed.has_trailing_bytes());
        assert_eq!(found, (is_several, is_trailing), "{text}");
        assert_eq!(observed.is_padded(), bytes.len() == a.len() + 512);
    }
}

#[test]
fn damage_is_an_error_and_what_came_before_is_read_the_same_way_again() {
    let text: Vec<u8> = (0..200_000_u32).flat_map(|n| format!("{n},").into_bytes()).collect();
    let text = [b"[", &text[..]].concat();
    for whole in [gzip(&text), zstd::encode_all(&text[..], 3).unwrap()] {
        for cut in [whole.len() - 1, whole.len() / 2] {
            let (out, failure, _) = read(&whole[..cut], Limits::default());
            assert!(matches!(failure, Some(Error::Damaged { .. })), "{failure:?}");
            assert!(text.starts_with(&out) && out.len() > text.len() / 8, "{}", out.len());
        }
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 4;
        let (_, failure, _) = read(&flipped, Limits::default());
        assert!(failure.is_none() || matches!(failure, Some(Error::Damaged { .. })));
    }
    let mut flipped = gzip(&text);
    let checksum = flipped.len() - 6;
    flipped[checksum] ^= 4;
    let (out, failure, _) = read(&flipped, Limits::default());
    assert!(matches!(failure, Some(Error::Damaged { .. })));
    assert!(text.len() - out.len() <= CHECKED_BYTES);
}

#[test]
fn what_expands_too_far_is_stopped() {
    let bomb = gzip(&vec![b' '; 80 << 20]);
    let (out, failure, _) = read(&bomb, Limits::default());
    assert!(matches!(failure, Some(Error::TooDense { ratio: 200, .. })), "{failure:?}");
    assert!(out.len() as u64 <= Limits::FREE_BYTES + (1 << 20));
    let limits = Limits { file_bytes: 1 << 20, ..Limits::default() };
    let (_, failure, _) = read(&bomb, limits);
    assert!(matches!(failure, Some(Error::TooLarge { limit_bytes: 0x10_0000, .. })));
    let (_, failure, _) = read(&gzip(&vec![b' '; 8 << 20]), Limits::default());
    assert!(failure.is_none());
}

#[test]
fn utf16_becomes_utf8() {
    let text = "{\"a\":\"é \u{1f916} ".to_owned() + &"x\u{10000}".repeat(40_000) + "\"}";
    let little: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for bytes in [little.clone(), big, gzip(&little)] {
        let (out, _, observed) = read_decoded(&bytes);
        assert_eq!(String::from_utf8(out).unwrap(), text);
        assert!(!observed.has_invalid_utf16());
    }
    let (out, _, observed) = read_decoded(&[&little[..], b"x"].concat());
    assert!(observed.has_invalid_utf16() && out.ends_with("\u{fffd}".as_bytes()));
    let (out, _, observed) = read_decoded(&[0xff, 0xfe, b'{', 0, 0, 0xd8, b'}', 0]);
    assert!(observed.has_invalid_utf16());
    assert_eq!(String::from_utf8(out).unwrap(), "{\u{fffd}}");
}

fn read_decoded(bytes: &[u8]) -> (Vec<u8>, Option<Error>, Arc<Observed>) {
    let (out, failure, observed) = read(bytes, Limits::default());
    assert!(failure.is_none());
    (out, failure, observed)
}

#[test]
fn a_read_that_fails_below_gzip_is_no_damage() {
    let failed = |source| damaged(io::Error::other(source), "gzip", "a.json.gz");
    let lost = object_store::Error::Generic { store: "disk", source: "lost".into() };
    assert!(matches!(failed(lost), Error::Read { .. }));
    let path = "a.json.gz".to_owned();
    let other = object_store::Error::Precondition { path, source: "other".into() };
    assert!(matches!(failed(other), Error::Changed { .. }));
    assert!(matches!(damaged(io::Error::other("bad"), "zip", "a.zip"), Error::Damaged { .. }));
}

#[test]
fn the_fast_way_is_only_for_one_sound_member() {
    let inflate = |stored: &[u8]| {
        let mut out = b"left over".to_vec();
        Inflater::new().inflate(stored, &mut out).then_some(out)
    };
    let one = gzip(b"{\"Records\":[]}");
    assert_eq!(inflate(&one).unwrap(), b"{\"Records\":[]}");
    assert_eq!(inflate(&gzip(b"")).unwrap(), b"");
    let mut flipped = one.clone();
    flipped[12] ^= 4;
    let repeated_trailer = [&one[..], &one[one.len() - 8..]].concat();
    for other in [
        [one.clone(), one.clone()].concat(),
        repeated_trailer,
        [&one[..], b"garbage"].concat(),
        one[..one.len() - 1].to_vec(),
        one[..4].to_vec(),
        flipped,
        gzip(&vec![b' '; WHOLE_BYTES + 1]),
    ] {
        if let Some(out) = inflate(&other) {
            assert_eq!(out, b"{\"Records\":[]}", "{} bytes", other.len());
        }
    }
    assert!(inflate(&[one.clone(), one.clone()].concat()).is_none());
}

#[test]
fn contents_by_their_first_bytes() {
    use Content::{Blank, EventHistory, Foreign, Gzip, Json, Utf16, Zip, Zstandard};
    for (start, content) in [
        (&b"\x1f\x8b\x08"[..], Gzip),
        (b"\x28\xb5\x2f\xfd", Zstandard),
        (b"PK\x03\x04", Zip),
        (b"\xff\xfe{\0", Utf16(utf16::Endian::Little)),
        (b"\xfe\xff\0{", Utf16(utf16::Endian::Big)),
        (b" \n{\"Records\"", Json),
        (b"[{", Json),
        (b"\xef\xbb\xbf{", Json),
        (b"ken\"}},{\"eventVersion\"", Json),
        (b"", Blank),
        (b" \n", Blank),
        (
            b"User name,AWS access key,Event time,Event source,Event name,AWS region\nx",
            EventHistory,
        ),
        (b"\xef\xbb\xbfEvent ID,Event time,User name,Event name\n", EventHistory),
        (b"hello", Foreign("other text")),
        (b"PAR1", Foreign("Parquet")),
        (b"\x00\x01\xfe", Foreign("binary data")),
    ] {
        assert_eq!(Content::of(start), content, "{start:?}");
    }
}

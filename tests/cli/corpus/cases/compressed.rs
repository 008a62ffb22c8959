//! Archives and compressed streams with more in them than one reader sees.

use super::{Case, Expected, and_rejects, case, damage, rows, suspicious};
use crate::corpus::make::{archive, record, zstandard};

/// A frame of Zstandard to be skipped (RFC 8878).
fn skippable(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    [&[0x5a, 0x2a, 0x4d, 0x18], &length, bytes].concat()
}

/// Replaces the last place where `from` stands.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

pub(super) fn compressed() -> Vec<Case> {
    let one = |id: &str| archive(&[("a.json", record(id).as_bytes())]);
    let two = |id: &str| {
        let other = record(&format!("{id}-2"));
        archive(&[("a.json", record(id).as_bytes()), ("b.json", other.as_bytes())])
    };
    let zip = |id: &str| zstandard(record(id).as_bytes());
    let equal = patched(&patched(&two("ab-3"), b"b.json", b"a.json"), b"b.json", b"a.json");
    // The directory names one file, where two are.
    let whole = two("ab-4");
    let second = whole.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    let start = whole.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let counts = [&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..]];
    let sizes = [second - start, start].map(|size| u32::try_from(size).unwrap().to_le_bytes());
    let hidden = [&whole[..second], &counts.concat(), &sizes.concat(), &[0, 0]].concat();
    vec![
        case(
            "two-archives.zip",
            [one("ab-1"), two("ab-2")].concat(),
            suspicious(3, "several_archives"),
        ),
        case("equal-names.zip", equal, rows(2)),
        case("not-in-directory.zip", hidden, and_rejects(1, &["not_in_directory"])),
        case(
            "another-name.zip",
            patched(&two("ab-5"), b"b.json", b"b.jsin"),
            and_rejects(1, &["damaged_member"]),
        ),
        case(
            "garbage.zip",
            [&one("ab-6")[..], b"garbage"].concat(),
            and_rejects(1, &["not_in_directory"]),
        ),
        case("zeros.zip", [&one("ab-7")[..], &[0; 512]].concat(), suspicious(1, "trailing_zeros")),
        case(
            "between.zip",
            [&one("ab-8")[..], record("ab-9").as_bytes(), &one("ab-10")].concat(),
            Expected {
                rejects: vec!["not_in_directory".to_owned()],
                ..suspicious(2, "several_archives")
            },
        ),
        case("skipped-first.json.zst", [skippable(b"{}"), zip("ab-11")].concat(), rows(1)),
        case(
            "skipped-between.json.zst",
            [zip("ab-12"), skippable(b"x"), skippable(b""), zip("ab-13"), skippable(b"y")].concat(),
            rows(2),
        ),
        case("only-skipped.json.zst", skippable(b"{}"), damage("is empty")),
    ]
}

//! Archives with more in them than their directory says.

use std::io::Write;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

/// An archive with these files, each as its name says: `stored`, else deflated.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let method = if name.starts_with("stored") {
            zip::CompressionMethod::Stored
        } else {
            zip::CompressionMethod::Deflated
        };
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What is in an archive: the files as `name: text`, and the parts that are not read.
fn found(bytes: &[u8]) -> (Vec<String>, Vec<(u64, u64)>, usize, bool) {
    let archive = Archive::open(&LogBytes::Whole(bytes.to_vec().into())).unwrap();
    let Contents { archives, members, strays, is_padded } = archive.contents().unwrap();
    let text = |member: Member| {
        let mut text = String::new();
        match member.open(&archive).read_to_string(&mut text) {
            Ok(_) => text,
            Err(error) => error.to_string(),
        }
    };
    let members = members
        .into_iter()
        .map(|(name, member)| format!("{name}: {}", member.map_or_else(ToOwned::to_owned, text)));
    let strays = strays.into_iter().map(|stray| (stray.start, stray.end));
    (members.collect(), strays.collect(), archives, is_padded)
}

/// Replaces the one place where `from` stands, or the last one.
fn patched(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = memchr::memmem::rfind(bytes, from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// Makes an archive's directory name a file twice: two names of the same length become one.
fn with_equal_names(files: &[(&str, &str)], from: &[u8], to: &[u8]) -> Vec<u8> {
    patched(&patched(&archive(files), from, to), from, to)
}

fn end_record(files: u16, directory_bytes: u32, start: u32, comment: &[u8]) -> Vec<u8> {
    let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
    record.extend([files.to_le_bytes(), files.to_le_bytes()].concat());
    record.extend([directory_bytes.to_le_bytes(), start.to_le_bytes()].concat());
    record.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    record.extend(comment);
    record
}

#[test]
fn every_byte_is_accounted_for() {
    let one = archive(&[("a.json", "one"), ("stored.json", "two")]);
    let other = archive(&[("a.json", "three")]);
    let (length, other_length) = (one.len() as u64, other.len() as u64);
    let files = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let both = files(&["a.json: one", "stored.json: two"]);
    let last = files(&["a.json: three"]);
    let all = files(&["a.json: one", "stored.json: two", "a.json: three"]);
    let comment = |comment: &[u8]| {
        let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
        [&one[..one.len() - 2], &length, comment].concat()
    };
    for (what, bytes, members, strays, archives, is_padded) in [
        ("as it is", one.clone(), &both, vec![], 1, false),
        ("with a comment", comment(b"made by hand"), &both, vec![], 1, false),
        ("one behind the other", [&one[..], &other].concat(), &all, vec![], 2, false),
        (
            "with something between",
            [&one[..], b"between", &other].concat(),
            &all,
            vec![(length, length + 7)],
            2,
            false,
        ),
        ("behind it", [&one[..], b"x"].concat(), &both, vec![(length, length + 1)], 1, false),
        ("zeros behind it", [&one[..], &[0; 99]].concat(), &both, vec![], 1, true),
        ("in front of it", [b"#!/bin/sh\n", &one[..]].concat(), &both, vec![(0, 10)], 1, false),
        ("a marker", [b"PK00", &one[..]].concat(), &both, vec![], 1, false),
        ("an archive in the comment", comment(&other), &last, vec![(0, length)], 1, false),
        (
            "a file in the comment",
            comment(&other[..other.len() - 22]),
            &both,
            vec![(length, length + other_length - 22)],
            1,
            false,
        ),
    ] {
        let expected = (members.clone(), strays, archives, is_padded);
        assert_eq!(found(&bytes), expected, "{what}");
    }
}

#[test]
fn files_of_one_name_and_files_that_the_directory_hides() {
    let files = [("a.json", "one"), ("b.json", "two")];
    let equal = with_equal_names(&files, b"b.json", b"a.json");
    assert_eq!(found(&equal).0, ["a.json: one", "a.json: two"]);

    // One of the two headers of a file names it otherwise.
    let hidden = patched(&archive(&files), b"b.json", b"b.png\0");
    let (members, strays, ..) = found(&hidden);
    assert_eq!(
        members,
        ["a.json: one", "b.png\0: the name before it is not the one in the directory"]
    );
    assert_eq!(strays, []);

    // The directory leaves the last file out, or the first one.
    let whole = archive(&files);
    let directory = memchr::memmem::find(&whole, b"PK\x01\x02").unwrap();
    let second = memchr::memmem::rfind(&whole, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&whole, b"PK\x05\x06").unwrap();
    let at = u32::try_from(directory).unwrap();
    let bytes = |from: usize, to: usize| u32::try_from(to - from).unwrap();
    let local = memchr::memmem::rfind(&whole, b"PK\x03\x04").unwrap();
    for (kept, named, stray) in [
        (&whole[directory..second], "a.json: one", local..directory),
        (&whole[second..end], "b.json: two", 0..local),
    ] {
        let record = end_record(1, bytes(0, kept.len()), at, b"");
        let bytes = [&whole[..directory], kept, &record].concat();
        let (members, strays, ..) = found(&bytes);
        assert_eq!(members, [named]);
        assert_eq!(strays, [(stray.start as u64, stray.end as u64)]);
    }
    // It says that it has fewer than there are.
    let record = end_record(1, bytes(directory, end), at, b"");
    let (members, strays, ..) = found(&[&whole[..end], &record].concat());
    assert_eq!(members, ["a.json: one", "b.json: two"]);
    assert_eq!(strays, []);

    // It names one place twice.
    let twice =
        [&whole[directory..second], &whole[directory..second], &whole[second..end]].concat();
    let record = end_record(3, bytes(0, twice.len()), at, b"");
    let (members, strays, ..) = found(&[&whole[..directory], &twice, &record].concat());
    assert_eq!(members, ["a.json: one", "a.json: one", "b.json: two"]);
    assert_eq!(strays, []);

    // Folders have nothing, unless they do.
    let folders = archive(&[("empty/", ""), ("stored/", "three")]);
    assert_eq!(found(&folders).0, ["stored/: three"]);
}

#[test]
fn large_archives_and_those_that_were_streamed() {
    // Sizes and number of files in records of 64 bits.
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for name in ["a.json", "b.json"] {
        writer.start_file(name, SimpleFileOptions::default().large_file(true)).unwrap();
        writer.write_all(b"one").unwrap();
    }
    let large = writer.finish().unwrap().into_inner();
    assert_eq!(found(&large), (vec!["a.json: one".into(), "b.json: one".into()], vec![], 1, false));
    let end = memchr::memmem::rfind(&large, b"PK\x05\x06").unwrap();
    let directory = memchr::memmem::find(&large, b"PK\x01\x02").unwrap();
    let number = |value: usize| (value as u64).to_le_bytes();
    let end_64 = [
        &b"PK\x06\x06"[..],
        &number(44),
        &[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &number(2),
        &number(2),
        &number(end - directory),
        &number(directory),
    ]
    .concat();
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &number(end), &[1, 0, 0, 0]].concat();
    let record = end_record(u16::MAX, u32::MAX, u32::MAX, b"");
    let of_64_bits = [&large[..end], &end_64, &locator, &record].concat();
    let equal = patched(&patched(&of_64_bits, b"b.json", b"a.json"), b"b.json", b"a.json");
    assert_eq!(found(&equal), (vec!["a.json: one".into(), "a.json: one".into()], vec![], 1, false));

    // What was written to a pipe has its sizes behind each file.
    let mut writer = ZipWriter::new_stream(Vec::new());
    for name in ["a.json", "stored.json"] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(b"one").unwrap();
    }
    let streamed = writer.finish().unwrap().into_inner();
    assert_eq!(
        found(&streamed),
        (vec!["a.json: one".into(), "stored.json: one".into()], vec![], 1, false)
    );
}

/// Whatever is changed of an archive: it is read or it is an error, and each byte is in a file, in
/// the directory, or told.
#[test]
fn archives_with_any_byte_changed() {
    let whole = [archive(&[("a.json", "one"), ("stored/b.json", "two")]), archive(&[("c", "3")])];
    let whole = whole.concat();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff, whole[at] ^ 8] {
            let mut changed = whole.clone();
            changed[at] = value;
            let archive = Archive::open(&LogBytes::Whole(changed.into())).unwrap();
            let Ok(contents) = archive.contents() else { continue };
            let read = |member: &Member| {
                let mut bytes = Vec::new();
                member.open(&archive).read_to_end(&mut bytes).is_ok()
            };
            let members = contents.members.iter();
            let sound = members.filter(|(_, member)| member.as_ref().is_ok_and(read)).count();
            let is_lossy = sound < contents.members.len() || !contents.strays.is_empty();
            assert!(sound == 3 || is_lossy, "{at} {value}: {contents:?}");
        }
    }
}

#[test]
fn what_is_split_or_no_archive_is_damaged() {
    let sound = archive(&[("a.json", "one")]);
    let end = memchr::memmem::rfind(&sound, b"PK\x05\x06").unwrap();
    let mut split = sound.clone();
    split[end + 4] = 1;
    for bytes in [&split[..], &sound[..end], b"PK\x03\x04", b"PK\x05\x06"] {
        let archive = Archive::open(&LogBytes::Whole(bytes.to_vec().into())).unwrap();
        assert_eq!(archive.contents().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
    let empty = end_record(0, 0, 0, b"");
    assert_eq!(found(&empty), (vec![], vec![], 1, false));
    let behind_many = [vec![sound.clone(); 20].concat(), empty].concat();
    let (members, strays, archives, _) = found(&behind_many);
    assert_eq!((members.len(), strays.len(), archives), (15, 1, 16));
}

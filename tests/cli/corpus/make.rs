//! Makes the bytes of the corpus: records, and the containers around them.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, write::GzEncoder};

/// A record of ECS with this `eventID`, and further members.
pub(super) fn record_with(id: &str, members: &str) -> String {
    let id = serde_json::to_string(id).unwrap();
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":{id},"recipientAccountId":"111122223333"{members}}}"#
    )
}

pub(super) fn record(id: &str) -> String {
    record_with(id, "")
}

/// A record in which the value of a member is another one.
pub(super) fn record_but(id: &str, member: &str, value: &str) -> String {
    let whole = record(id);
    let start = whole.find(&format!("\"{member}\":")).unwrap() + member.len() + 3;
    let end = start + whole[start + 1..].find('"').unwrap() + 2;
    format!("{}{value}{}", &whole[..start], &whole[end..])
}

/// A record without a member.
pub(super) fn record_without(id: &str, member: &str) -> String {
    record_but(id, member, "\"?\"").replace(&format!("\"{member}\":\"?\","), "")
}

pub(super) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

pub(super) fn records(records: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

pub(super) fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A frame of Zstandard (RFC 8878) of raw blocks: magic number, header with an 8-byte size, blocks.
pub(super) fn zstandard(bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
    frame.extend((bytes.len() as u64).to_le_bytes());
    let blocks = bytes.chunks(100_000).collect::<Vec<_>>();
    for (number, block) in blocks.iter().enumerate() {
        let is_last = u32::from(number + 1 == blocks.len());
        let header = (u32::try_from(block.len()).unwrap() << 3) | is_last;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(block);
    }
    frame
}

/// A zip archive (APPNOTE.TXT) whose files are stored as they are.
pub(super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory: Vec<u8> = Vec::new();
    for (name, content) in files {
        let start = u32::try_from(archive.len()).unwrap();
        let (size, length) =
            (u32::try_from(content.len()).unwrap(), u16::try_from(name.len()).unwrap());
        let mut checksum = flate2::Crc::new();
        checksum.update(content);
        let mut both = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        both.extend([checksum.sum(), size, size].into_iter().flat_map(u32::to_le_bytes));
        both.extend(length.to_le_bytes().into_iter().chain([0, 0]));
        archive.extend(b"PK\x03\x04".iter().chain(&both).chain(name.as_bytes()).chain(*content));
        directory.extend(b"PK\x01\x02\x14\x00".iter().chain(&both).chain(&[0; 10]));
        directory.extend(start.to_le_bytes().iter().chain(name.as_bytes()));
    }
    let (start, size) =
        (u32::try_from(archive.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let number = u16::try_from(files.len()).unwrap().to_le_bytes();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0".iter().chain(&number).chain(&number));
    archive.extend(size.to_le_bytes().into_iter().chain(start.to_le_bytes()).chain([0, 0]));
    archive
}

/// A tar archive (POSIX ustar) with one file.
pub(super) fn tar(name: &str, content: &str) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[257..262].copy_from_slice(b"ustar");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut archive = header.to_vec();
    archive.extend(content.as_bytes());
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}

pub(super) fn utf16(text: &str, is_little: bool) -> Vec<u8> {
    let units = [0xfeff].into_iter().chain(text.encode_utf16());
    if is_little {
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        units.flat_map(u16::to_be_bytes).collect()
    }
}

/// A gzip stream of 10 GiB of spaces, in 10 MB: the same deflate blocks over and over, which is
/// sound because each of them begins anew.
pub(super) fn bomb() -> Vec<(Vec<u8>, usize)> {
    const SPACES: usize = 4 << 20;
    let mut blocks = Vec::with_capacity(1 << 20);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![b' '; SPACES], &mut blocks, FlushCompress::Full).unwrap();
    assert_eq!(compress.total_in(), SPACES as u64);
    let header = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff".to_vec();
    vec![(header, 1), (blocks, (10 << 30) / SPACES)]
}

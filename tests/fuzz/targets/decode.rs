//! Compressed, archived and encoded bytes of any shape; sound ones and damaged ones.
#![no_main]

use std::io::{Cursor, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use ecstrail_converter::Limits;
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;

#[path = "../law.rs"]
mod law;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn archive(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a.json", zip::write::SimpleFileOptions::default()).expect("a name");
    writer.write_all(bytes).expect("memory takes it");
    writer.finish().expect("memory takes it").into_inner()
}

fuzz_target!(|bytes: &[u8]| {
    let [how, bytes @ ..] = bytes else { return };
    let stored = match how % 8 {
        0 => gzip(bytes),
        1 => [gzip(&bytes[..bytes.len() / 2]), gzip(&bytes[bytes.len() / 2..])].concat(),
        2 => zstd::encode_all(bytes, 1).expect("memory takes it"),
        3 => archive(bytes),
        4 => [b"\xff\xfe", bytes].concat(),
        5 => {
            let data = STANDARD.encode(gzip(bytes));
            format!(r#"{{"awslogs":{{"data":"{data}"}}}}"#).into_bytes()
        }
        _ => bytes.to_vec(),
    };
    let limits = Limits { file_bytes: 1 << 20, salvage: how & 64 > 0, ..Limits::default() };
    let (whole, pieces) =
        (law::convert(&stored, limits, false), law::convert(&stored, limits, true));
    law::agree(&whole, &pieces);
});

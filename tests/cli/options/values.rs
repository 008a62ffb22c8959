//! Odd values of options and variables.

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

/// Characters of the longest values.
pub(super) const LONG: usize = 100_000;

pub(super) fn values() -> Vec<OsString> {
    let texts = [
        "",
        " ",
        "-",
        "--",
        "-1",
        "0",
        "1",
        "99999999999999999999",
        "18446744073709551615",
        "9223372036854775807",
        "NaN",
        "inf",
        "1e999",
        "0x10",
        "99999999999999d",
        "1GiB\u{661}",
        "2026-02-30",
        "-262143-01-01",
        ".",
        "../..",
        "/dev/null",
        "/",
        "no/such/place",
        "a,b,,c",
        "=",
        "x=",
        "file://",
        "file:///",
        "s3://",
        "s3:///x",
        "s3://bucket",
        "http://",
        "127.0.0.1:1",
        "*[",
        "trail/**/[",
        "$x ' \" ; --",
        "SELECT",
        "\u{1b}[31mred\u{1b}]0;title\u{7}",
        "two\nlines\r",
        "\u{85}\u{9b}31m\u{7f}",
        "\u{202e}gnp.exe\u{2066}\u{200f}\u{61c}",
        "\u{1f600}\u{301}\u{feff}",
    ];
    let mut values: Vec<OsString> = texts.iter().map(OsString::from).collect();
    values.push("x".repeat(LONG).into());
    values.push("9".repeat(LONG).into());
    values.push("(".repeat(20_000).into());
    values.push(OsString::from_vec(b"\xff\xfe\x80".to_vec()));
    values.push(OsString::from_vec(b"name=\xff".to_vec()));
    values
}

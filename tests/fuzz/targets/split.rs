//! Text of any shape: records are found, and found again after damage, in one piece or many.
#![no_main]

use ecstrail_converter::Limits;
use libfuzzer_sys::fuzz_target;

#[path = "../law.rs"]
mod law;

fuzz_target!(|bytes: &[u8]| {
    let [small, text @ ..] = bytes else { return };
    let record_bytes = if *small == 0 { 200 } else { 1 << 20 };
    let limits = Limits { record_bytes, depth: 20, ..Limits::default() };
    // A byte in front that no magic number has, so that it is text.
    let text = [b" ", text].concat();
    let (whole, pieces) = (law::convert(&text, limits, false), law::convert(&text, limits, true));
    law::agree(&whole, &pieces);
});

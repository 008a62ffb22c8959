//! Records of any shape become rows, and the rows become the same records.
#![no_main]

use ecstrail_converter::Limits;
use libfuzzer_sys::fuzz_target;

#[path = "../law.rs"]
mod law;

fuzz_target!(|bytes: &[u8]| {
    let text = [br#"{"eventVersion":"1.08","eventSource":"ecs.amazonaws.com","#, bytes].concat();
    for text in [&text[..], bytes] {
        if let Ok(converted) = law::convert(text, Limits::default(), false) {
            law::flatten(&converted.batches);
        }
    }
});

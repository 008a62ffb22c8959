//! Two tiers of tests: each injected fault under `ECSTRAIL_TEST_ALL=1`, as in CI; by default one in
//! seven, so that who changes something waits for a minute.

/// One fault in this many is tried: a prime, so that whatever alternates is met in all its states.
const USUAL: usize = 7;

/// Returns how far two faults are apart that are tried.
pub(crate) fn stride() -> usize {
    if std::env::var("ECSTRAIL_TEST_ALL").is_ok_and(|all| all == "1") { 1 } else { USUAL }
}

/// Asserts that faults were tried, more than `least` if each was: a test that tries none passes too.
pub(crate) fn assert_tried(tried: usize, least: usize) {
    println!("{tried} points");
    let least = if stride() == 1 { least } else { least / (2 * USUAL) };
    assert!(tried > least, "only {tried} points were tried");
}

//! What is shaped like a region.

/// The region of rows whose `awsRegion` is missing or not shaped like a region.
pub const UNKNOWN_REGION: &str = "unknown";

/// Returns whether a value may stand in a path: `^[a-z]{2,}(-[a-z0-9]+){1,4}$`, at most 32
/// characters. Everything else goes to [`UNKNOWN_REGION`], so that no path is ever built from
/// what a log file holds.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let rest = parts.clone().count();
    text.len() <= 32
        && first.len() >= 2
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && (1..=4).contains(&rest)
        && parts.all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shaped_like_a_region_reaches_a_path() {
        for region in
            ["us-east-1", "us-gov-west-1", "cn-north-1", "sagov-westsouth-1r", "eu-isoe-west-1"]
        {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "US-EAST-1",
            "us-east-1/..",
            "../../x",
            "a=b",
            "us-east-1\0",
            "CON",
            "%2e%2e",
            "us--1",
            "-us-1",
            "u-1",
            "aa-b-c-d-e-f",
            &"a".repeat(300),
            "us-east-1 ",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }
}

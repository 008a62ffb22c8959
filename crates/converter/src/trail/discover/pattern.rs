//! Globs: which files below a source are meant.

use globset::{GlobBuilder, GlobMatcher};

use crate::error::{Error, Result};

/// Characters that make a segment of a path a pattern.
const SPECIAL: [char; 4] = ['*', '?', '[', '{'];

/// A glob over the paths below a source: `*` and `?` stay within a folder, `**` goes through
/// folders, `[a-z]` and `{a,b}` are choices, a backslash takes a character as it is.
#[derive(Debug, Clone)]
pub struct Pattern(GlobMatcher);

impl Pattern {
    /// Reads a glob such as `AWSLogs/*/CloudTrail/**/*.json.gz`.
    ///
    /// # Errors
    /// [`Error::Pattern`] if it is none.
    pub fn new(glob: &str) -> Result<Self> {
        let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(true).build();
        let built = built.map_err(|source| Error::Pattern { source })?;
        Ok(Self(built.compile_matcher()))
    }

    /// Splits what the user typed into the folder to list and the pattern below it: `trail/**/*.gz`
    /// into `trail` and `**/*.gz`. `None` if it has no special character.
    ///
    /// The root of a relative pattern is `.`; that of `s3://bucket/*` is `s3://bucket`.
    ///
    /// # Errors
    /// [`Error::Pattern`] if what follows the root is not a glob.
    pub fn split(text: &str) -> Result<Option<(String, Self)>> {
        let Some(special) = text.find(SPECIAL) else { return Ok(None) };
        let (root, glob) = match text[..special].rfind('/') {
            Some(slash) => (&text[..slash], &text[slash + 1..]),
            None => (".", text),
        };
        let root = if root.is_empty() { "/" } else { root };
        Ok(Some((root.to_owned(), Self::new(glob)?)))
    }

    /// Returns whether a path below the source is meant.
    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_and_patterns() {
        for (text, root, glob) in [
            ("trail/**/*.json.gz", "trail", "**/*.json.gz"),
            ("*.gz", ".", "*.gz"),
            ("/*.gz", "/", "*.gz"),
            ("/var/log/a?/b", "/var/log", "a?/b"),
            ("s3://bucket/AWSLogs/{1,2}/**", "s3://bucket/AWSLogs", "{1,2}/**"),
            ("s3://bucket/*", "s3://bucket", "*"),
            ("a b/x[0-9].json", "a b", "x[0-9].json"),
        ] {
            let (found, pattern) = Pattern::split(text).unwrap().unwrap();
            assert_eq!((found.as_str(), pattern.0.glob().glob()), (root, glob), "{text}");
        }
        assert!(Pattern::split("trail/2026/x.json.gz").unwrap().is_none());
        for broken in ["trail/a[", "x{a,b"] {
            assert!(matches!(Pattern::split(broken), Err(Error::Pattern { .. })), "{broken}");
        }
    }

    #[test]
    fn matches() {
        for (glob, path, is_match) in [
            ("*.gz", "a.gz", true),
            ("*.gz", "b/a.gz", false),
            ("**/*.gz", "a.gz", true),
            ("**/*.gz", "b/c/a.gz", true),
            ("b/**", "b/c/a.gz", true),
            ("b/**/a.gz", "b/a.gz", true),
            ("*/a.gz", "b/c/a.gz", false),
            ("2026/0[4-6]/*", "2026/05/a", true),
            ("2026/0[4-6]/*", "2026/07/a", false),
            ("{x,y}/?.gz", "y/a.gz", true),
            ("a?b", "a/b", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
        ] {
            assert_eq!(Pattern::new(glob).unwrap().matches(path), is_match, "{glob} {path}");
        }
    }
}

//! How a listing gets past a key that cannot be parsed, whose true spelling may not be known.

use object_store::{
    Error,
    path::{self, Path},
};

/// Characters that a reader of XML 1.1 hands on as a line feed, which stands for itself too: those
/// that a server need not escape. <https://www.w3.org/TR/xml11/#sec-line-ends>
const READ_AS_LINE_FEED: [char; 3] = ['\n', '\u{85}', '\u{2028}'];
/// Line feeds of a key for which all of these are tried.
const MOST_LINE_FEEDS: usize = 4;

/// A key that is being passed over, and the offsets behind it that are still to be tried.
#[derive(Debug)]
pub(super) struct Passing {
    /// The key as it was read, or the folder of which none can be parsed.
    path: String,
    is_folder: bool,
    /// In descending order, taken from the end.
    offsets: Vec<String>,
}

impl Passing {
    pub(super) fn new(key: &str, prefix: &str) -> Self {
        let folder = bad_folder(key, prefix);
        let path = folder.unwrap_or(key).to_owned();
        let mut offsets = spellings(&path);
        if folder.is_some() {
            // No key in the folder can be parsed, and none beside it comes before this.
            for folder in &mut offsets {
                folder.push(char::MAX);
            }
        }
        offsets.sort_unstable_by(|one, other| other.cmp(one));
        Self { path, is_folder: folder.is_some(), offsets }
    }

    /// The key, or its folder, as it was read.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether a key is the one that is being passed over, or in the folder that is.
    pub(super) fn is_of(&self, key: &str) -> bool {
        if self.is_folder { key.starts_with(&self.path) } else { key == self.path }
    }

    /// Returns the next offset to try that is acceptable. If the key comes again after it, it was
    /// not its spelling, and was before it: the smallest is tried first, so that no other key is
    /// passed over.
    pub(super) fn next_offset(&mut self, is_acceptable: impl Fn(&str) -> bool) -> Option<String> {
        loop {
            let offset = self.offsets.pop()?;
            if is_acceptable(&offset) {
                return Some(offset);
            }
        }
    }
}

/// Returns the key because of which a page could not be parsed.
pub(super) fn unparsable_key(error: &Error) -> Option<&str> {
    match error {
        Error::InvalidPath {
            source:
                path::Error::EmptySegment { path: key }
                | path::Error::BadSegment { path: key, .. }
                | path::Error::NonUnicode { path: key, .. },
        } => Some(key),
        _ => None,
    }
}

/// Returns what a key may have been before it was read as this; the key alone if that is too much.
fn spellings(key: &str) -> Vec<String> {
    let pieces: Vec<&str> = key.split('\n').collect();
    if pieces.len() > MOST_LINE_FEEDS + 1 {
        return vec![key.to_owned()];
    }
    let (first, further) = pieces.split_first().unwrap_or((&"", &[]));
    further.iter().fold(vec![(*first).to_owned()], |spellings, piece| {
        let with = |spelling: &String| {
            READ_AS_LINE_FEED.map(|character| format!("{spelling}{character}{piece}"))
        };
        spellings.iter().flat_map(with).collect()
    })
}

/// Returns the first folder on the way to a key, with its slash, in which no key can be parsed.
fn bad_folder<'a>(key: &'a str, prefix: &str) -> Option<&'a str> {
    let slashes = key.match_indices('/').map(|(index, _)| index);
    let mut folders = slashes.map(|slash| &key[..=slash]);
    folders.find(|folder| folder.len() > prefix.len() && Path::parse(format!("{folder}x")).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_behind_a_key_come_in_order() {
        for (key, prefix, path, expected) in [
            ("a/b\u{1}", "a/", "a/b\u{1}", vec!["a/b\u{1}"]),
            ("a//b", "", "a//", vec!["a//\u{10ffff}"]),
            ("a/b\nc", "", "a/b\nc", vec!["a/b\nc", "a/b\u{85}c", "a/b\u{2028}c"]),
            (
                "a\n/b\n",
                "",
                "a\n/",
                vec!["a\n/\u{10ffff}", "a\u{85}/\u{10ffff}", "a\u{2028}/\u{10ffff}"],
            ),
        ] {
            let mut passing = Passing::new(key, prefix);
            assert_eq!(passing.path(), path);
            assert!(passing.is_of(key));
            let offsets: Vec<String> =
                std::iter::from_fn(|| passing.next_offset(|_| true)).collect();
            assert_eq!(offsets, expected, "{key:?}");
        }
        assert_eq!(spellings("a\n\n\n\nb").len(), 81);
        assert_eq!(spellings("a\n\n\n\n\nb"), ["a\n\n\n\n\nb"]);
        let mut passing = Passing::new("a\nb", "");
        assert_eq!(passing.next_offset(|after| after > "a.b").as_deref(), Some("a\u{85}b"));
        assert_eq!(passing.next_offset(|after| after > "b"), None);
    }
}

//! The words that the Tab key can offer, and what it offers at one place.

use std::collections::BTreeSet;

/// The words that can be offered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    /// Tables and views, `events` first.
    pub(crate) tables: Vec<TableWords>,
    pub(crate) functions: Vec<String>,
    pub(crate) reports: Vec<ReportWords>,
    pub(crate) formats: Vec<&'static str>,
}

/// A table or view, with all its columns.
#[derive(Debug, Clone)]
pub(crate) struct TableWords {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
}

/// A report, with its parameters.
#[derive(Debug, Clone)]
pub(crate) struct ReportWords {
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, ValuesOf)>,
}

/// Which values a parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValuesOf {
    /// Any.
    Anything,
    /// These, among others.
    Words(&'static [&'static str]),
    /// Those of an expression over the table `events`.
    Expression(&'static str),
}

/// What can stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// One of these words, in the place of the text from `start` to the cursor.
    Words { start: usize, words: Vec<String> },
    /// A value of an expression over `events` that begins with `prefix`.
    Values { start: usize, expression: String, prefix: String, context: ValueContext },
    /// The name of a file.
    File,
}

/// Where a value is to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueContext {
    /// Within a text of SQL whose quote is open.
    SqlText,
    /// As the value of a parameter.
    Argument,
}

impl Vocabulary {
    /// The columns of all tables.
    pub(super) fn columns(&self) -> Vec<String> {
        self.tables.iter().flat_map(|table| table.columns.iter().cloned()).collect()
    }
}

impl Offer {
    pub(super) const NOTHING: Self = Self::Words { start: 0, words: Vec::new() };

    /// Offers those words that begin with what is typed, each once.
    pub(super) fn words(
        start: usize,
        prefix: &str,
        known: impl IntoIterator<Item = String>,
    ) -> Self {
        let mut met = BTreeSet::new();
        let begins = |word: &String| {
            word.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
        };
        let words = known.into_iter().filter(begins).filter(|word| met.insert(word.clone()));
        Self::Words { start, words: words.collect() }
    }

    /// The same in a text that has more bytes before it.
    pub(super) fn moved(self, by: usize) -> Self {
        match self {
            Self::Words { start, words } => Self::Words { start: start + by, words },
            Self::Values { start, expression, prefix, context } => {
                Self::Values { start: start + by, expression, prefix, context }
            }
            Self::File => Self::File,
        }
    }
}

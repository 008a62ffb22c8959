//! What a dataset holds at one moment, read from its log: what queries see.

use ecstrail_converter::Selection;

use crate::{
    error::Result,
    log::{DataFile, DatasetDescription, commit_log::Log},
    storage::Objects,
};

/// The published files of a dataset.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What the dataset is.
    pub description: DatasetDescription,
    /// Version of the last published commit; `None` if nothing was ever published.
    pub version: Option<u64>,
    /// The data files, in the order of their paths.
    pub files: Vec<DataFile>,
    /// The selections that were converted, in the order of their first commit.
    pub selections: Vec<String>,
}

impl Snapshot {
    /// Reads the log of the dataset at `home`, up to the last commit whose files are published.
    ///
    /// # Errors
    /// [`Error::NotADataset`](crate::Error::NotADataset) if there is no dataset.
    pub async fn open(objects: &Objects) -> Result<Self> {
        let log = Log::read(objects).await?;
        let (description, version, files, summary) = log.into_published();
        let files = files.into_values().collect();
        Ok(Self { description, version, files, selections: summary.selections })
    }

    /// Returns whether events of a source were converted, be there any or not.
    pub fn holds(&self, event_source: &str) -> bool {
        self.selections.iter().any(|selection| Selection::text_keeps(selection, event_source))
    }

    /// Rows of all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

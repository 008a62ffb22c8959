//! What a dataset is, and the program that made it.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    storage::layout,
};

/// The newest version of the layout and of the log.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What a dataset is, from its `dataset.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetDescription {
    /// Version of the layout and the log.
    pub format_version: u32,
    /// UUID of the dataset.
    pub id: String,
    /// Version of the tool that made it.
    pub tool: String,
}

pub(crate) fn parse_description(bytes: &[u8]) -> Result<DatasetDescription> {
    let path = layout::DATASET.to_owned();
    let description: DatasetDescription = serde_json::from_slice(bytes)
        .map_err(|error| Error::Damaged { path: path.clone(), reason: error.to_string() })?;
    if description.format_version > FORMAT_VERSION {
        return Err(Error::TooNew {
            path,
            found: description.format_version,
            known: FORMAT_VERSION,
        });
    }
    Ok(description)
}

/// Returns the name and version of this program, as files and log entries have it.
pub(crate) fn tool() -> String {
    concat!("ecstrail ", env!("CARGO_PKG_VERSION")).to_owned()
}

//! What a log entry says of its commit in the Delta log, and the table's schema there.

use ecstrail_converter::{COLUMNS, Kind, PARTITION_COLUMNS};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::log::DatasetDescription;

/// How an entry appears in the Delta log of its dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeltaCommit {
    /// Whether the Delta log begins with it, and so has the data files of all entries before, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) begins: bool,
    /// Whether what it adds has other values than what it removes: columns were filled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) changes_values: bool,
    /// What the table is: in the first commit, and in one that adds columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<DeltaMetadata>,
}

/// What a Delta table is. It is in the entry, since the program that writes the Delta log after a
/// crash may know more columns, or fewer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeltaMetadata {
    /// The dataset's UUID.
    pub(crate) id: String,
    /// The columns, as the protocol writes them.
    pub(crate) schema: String,
}

impl DeltaMetadata {
    /// Describes a dataset with the columns of this program.
    pub(crate) fn of(dataset: &DatasetDescription) -> Self {
        Self { id: dataset.id.clone(), schema: schema() }
    }
}

/// The Delta log of a dataset that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeltaLog {
    /// The version that it begins with.
    pub(crate) since: u64,
    /// Version of the column table that its newest schema has.
    pub(crate) schema_version: u32,
}

/// Returns the columns of a dataset as JSON text
/// (<https://github.com/delta-io/delta/blob/master/PROTOCOL.md#schema-serialization-format>).
fn schema() -> String {
    let columns = COLUMNS
        .iter()
        .map(|column| field(column.name, &delta_type(column.kind), column.description));
    // Delta and Hive call these types alike.
    let partition = PARTITION_COLUMNS
        .iter()
        .map(|column| field(column.name, &json!(column.sql_type), column.description));
    json!({"type": "struct", "fields": columns.chain(partition).collect::<Vec<_>>()}).to_string()
}

fn field(name: &str, kind: &Value, comment: &str) -> Value {
    json!({"name": name, "type": kind, "nullable": true, "metadata": {"comment": comment}})
}

fn delta_type(kind: Kind) -> Value {
    let list =
        |element: &str| json!({"type": "array", "elementType": element, "containsNull": true});
    match kind {
        Kind::Text | Kind::Json => json!("string"),
        Kind::Boolean => json!("boolean"),
        Kind::Integer => json!("integer"),
        Kind::Long => json!("long"),
        Kind::Timestamp => json!("timestamp"),
        Kind::TextList => list("string"),
        Kind::IntegerList => list("integer"),
        Kind::TextMap => {
            json!({"type": "map", "keyType": "string", "valueType": "string", "valueContainsNull": true})
        }
    }
}

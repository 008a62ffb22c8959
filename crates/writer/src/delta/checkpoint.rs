//! A checkpoint of the Delta log: the table as it is after one commit, in Parquet
//! (<https://github.com/delta-io/delta/blob/master/PROTOCOL.md#checkpoints>). It is written when the
//! log begins late, and every hundred commits.

use std::sync::Arc;

use arrow::{
    datatypes::{DataType, Field, Fields, Schema},
    json::ReaderBuilder,
};
use parquet::arrow::ArrowWriter;

use super::actions::Action;
use crate::error::{Error, Result};

/// Rows that are made at once.
const BATCH_ROWS: usize = 8192;

/// Returns a checkpoint's bytes.
pub(super) fn to_bytes(path: &str, actions: &[Action]) -> Result<Vec<u8>> {
    let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
    let schema = Arc::new(schema());
    let decoder =
        ReaderBuilder::new(Arc::clone(&schema)).with_batch_size(BATCH_ROWS).build_decoder();
    let mut decoder = decoder.map_err(|error| damaged(error.to_string()))?;
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, None)
        .map_err(|error| damaged(error.to_string()))?;
    for rows in actions.chunks(BATCH_ROWS) {
        decoder.serialize(rows).map_err(|error| damaged(error.to_string()))?;
        if let Some(batch) = decoder.flush().map_err(|error| damaged(error.to_string()))? {
            writer.write(&batch).map_err(|error| damaged(error.to_string()))?;
        }
    }
    writer.into_inner().map_err(|error| damaged(error.to_string()))
}

/// Members of [`Action`], as far as a checkpoint has them.
fn schema() -> Schema {
    use DataType::{Boolean, Int32, Int64, Utf8};
    let group = |name: &str, members: Vec<Field>| {
        Field::new(name, DataType::Struct(Fields::from(members)), true)
    };
    let member = |name: &str, kind: DataType| Field::new(name, kind, true);
    let texts = || DataType::new_list(Utf8, true);
    let map = || {
        let pair =
            Fields::from(vec![Field::new("key", Utf8, false), Field::new("value", Utf8, true)]);
        DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(pair), false)), false)
    };
    Schema::new(vec![
        group(
            "protocol",
            vec![
                member("minReaderVersion", Int32),
                member("minWriterVersion", Int32),
                member("writerFeatures", texts()),
            ],
        ),
        group(
            "metaData",
            vec![
                member("id", Utf8),
                group("format", vec![member("provider", Utf8), member("options", map())]),
                member("schemaString", Utf8),
                member("partitionColumns", texts()),
                member("configuration", map()),
            ],
        ),
        group(
            "add",
            vec![
                member("path", Utf8),
                member("partitionValues", map()),
                member("size", Int64),
                member("modificationTime", Int64),
                member("dataChange", Boolean),
                member("stats", Utf8),
            ],
        ),
        group(
            "remove",
            vec![
                member("path", Utf8),
                member("deletionTimestamp", Int64),
                member("dataChange", Boolean),
            ],
        ),
    ])
}

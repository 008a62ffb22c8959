//! Flattens the rows of an older column table anew: each row's record is rebuilt, checked against
//! its hash, and flattened with the current table. Where it was found is kept from the row.

use arrow::array::{Array, RecordBatch};
use ecstrail_converter::{
    Flattener, MICROS_PER_MILLI, PartitionKey, Provenance, Rebuilder, SelectedRow,
};

use super::{read::broken, rows::Rows};
use crate::{data_file::merge::SortedBatch, error::Result};

/// Rewrites the rows of one data file.
#[derive(Debug)]
pub(super) struct Upgrade {
    path: String,
    key: PartitionKey,
    rebuilder: Rebuilder,
    flattener: Flattener,
}

impl Upgrade {
    pub(super) fn new(path: &str, key: &PartitionKey) -> Self {
        Self {
            path: path.to_owned(),
            key: key.clone(),
            rebuilder: Rebuilder::new(),
            flattener: Flattener::new(),
        }
    }

    /// Returns the same rows in the same order, as the current table has them.
    pub(super) fn rows(&mut self, rows: &Rows) -> Result<RecordBatch> {
        if rows.byte_offset.null_count() > 0 {
            return Err(broken(&self.path, "a row has no source_byte_offset"));
        }
        let Self { path, key, rebuilder, flattener } = self;
        let rebuilt = rebuilder.records(&rows.batch, |row, record| {
            let row_key = rows.key(row);
            let selected = SelectedRow {
                day: key.day(),
                region: &key.region,
                event_time: row_key.event_time.map(|micros| micros.div_euclid(MICROS_PER_MILLI)),
                event_id: row_key.event_id,
                record_hash: row_key.record_hash,
                source_file: 0,
                index: row_key.index,
                byte_offset: rows.byte_offset.value(row),
                recipient_account_id: row_key.recipient_account_id,
                record,
            };
            flattener.push(&selected, Provenance { source_file: row_key.source_file });
        });
        rebuilt.map_err(|error| broken(path, error))?;
        flattener.finish().map_err(|error| broken(path, error))
    }
}

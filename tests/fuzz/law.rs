//! What must hold of any bytes whatever: no panic, and every record is accounted for. Shared by the
//! fuzz targets and by the program that mutates files.

use std::{io::Cursor, ops::ControlFlow, sync::Arc};

use ecstrail_converter::{
    Converter, Error, EventSources, FileTally, Flattener, Limits, LogBytes, LogFile, Provenance,
    Rebuilder, SelectedBatch, Selection,
};
use object_store::ObjectMeta;

pub(crate) const KEY: &str = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/04/27/\
    111122223333_CloudTrail_us-east-1_20260427T0225Z_aaaaaaaaaaaaaaaa.json.gz";

/// What became of a file.
pub(crate) struct Converted {
    pub(crate) tally: FileTally,
    pub(crate) batches: Vec<SelectedBatch>,
}

/// Converts a file, all of it or in pieces, and checks that nothing is lost or made up.
pub(crate) fn convert(bytes: &[u8], limits: Limits, in_pieces: bool) -> Result<Converted, Error> {
    let selection = Selection { event_sources: EventSources::All, ..Selection::default() };
    let mut converter = Converter::new(Arc::new(selection), limits);
    let meta = ObjectMeta {
        location: "a.json".into(),
        last_modified: chrono::DateTime::default(),
        size: bytes.len() as u64,
        e_tag: None,
        version: None,
    };
    let file = LogFile::new(meta, &"file:///".into(), KEY.to_owned());
    let stored: Arc<[u8]> = bytes.into();
    let bytes = if in_pieces {
        LogBytes::Stream(Box::new(move || Box::new(Cursor::new(Arc::clone(&stored)))))
    } else {
        LogBytes::Whole(stored.to_vec().into())
    };
    let mut batches = Vec::new();
    let tally = converter.convert(&file, 0, &bytes, &mut |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    })?;
    batches.push(converter.take());
    let rows: u64 = batches.iter().map(|batch| batch.rows() as u64).sum();
    assert_eq!(tally.records, tally.selected + tally.filtered + tally.rejected);
    assert_eq!(tally.selected, rows);
    assert_eq!(tally.rejected, tally.rejected_by_reason.values().sum::<u64>());
    assert!(tally.look_alikes.values().sum::<u64>() <= tally.filtered);
    assert_eq!(tally.rejects.len() as u64, tally.rejected.min(1000));
    Ok(Converted { tally, batches })
}

/// Makes rows of what was selected, and the records of the rows: the same ones.
pub(crate) fn flatten(batches: &[SelectedBatch]) {
    for batch in batches {
        let mut flattener = Flattener::new();
        for row in 0..batch.rows() {
            flattener.push(&batch.row(row), Provenance { source_file: KEY });
        }
        let rows = flattener.finish().expect("the columns fit the schema");
        let mut rebuilt = 0;
        let each = |_: usize, _: &str| rebuilt += 1;
        // Fails if a record's hash is not the row's.
        Rebuilder::new().records(&rows, each).expect("every record is rebuilt");
        assert_eq!(rebuilt, batch.rows());
    }
}

/// Checks that a file gives the same whether it is read at once or in pieces.
pub(crate) fn agree(whole: &Result<Converted, Error>, pieces: &Result<Converted, Error>) {
    match (whole, pieces) {
        (Ok(whole), Ok(pieces)) => {
            // The reasons may differ: of a record that is broken far behind its beginning, a piece
            // shows only that it is too large.
            assert_eq!(whole.tally.rejected, pieces.tally.rejected);
            assert_eq!(whole.tally.look_alikes, pieces.tally.look_alikes);
            assert_eq!(whole.tally.sha256, pieces.tally.sha256);
            let texts = |converted: &Converted| {
                let rows = |batch: &SelectedBatch| {
                    (0..batch.rows())
                        .map(|row| batch.row(row).record.to_owned())
                        .collect::<Vec<_>>()
                };
                converted.batches.iter().flat_map(rows).collect::<Vec<_>>()
            };
            assert_eq!(texts(whole), texts(pieces));
        }
        (Err(whole), Err(pieces)) => assert_eq!(whole.to_string(), pieces.to_string()),
        (whole, pieces) => panic!(
            "read at once and in pieces it is not the same: {:?}, {:?}",
            whole.as_ref().err(),
            pieces.as_ref().err()
        ),
    }
}

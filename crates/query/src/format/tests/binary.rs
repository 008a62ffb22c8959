use std::collections::HashMap;

use arrow::{
    array::{DictionaryArray, IntervalMonthDayNanoArray},
    compute::concat_batches,
    datatypes::{Int32Type, IntervalMonthDayNano, SchemaRef},
    ipc::reader::FileReader,
};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use super::*;
use crate::error::Error;

/// Reads a file back, in one batch.
fn read(format: Format, file: Vec<u8>) -> RecordBatch {
    let (schema, batches): (SchemaRef, Vec<_>) = if format == Format::Arrow {
        let reader = FileReader::try_new(std::io::Cursor::new(file), None).unwrap();
        (reader.schema(), reader.map(Result::unwrap).collect())
    } else {
        let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).unwrap();
        let schema = Arc::clone(builder.schema());
        (schema, builder.build().unwrap().map(Result::unwrap).collect())
    };
    concat_batches(&schema, &batches).unwrap()
}

#[tokio::test]
async fn every_kind_comes_back() {
    for format in [Format::Parquet, Format::Arrow] {
        let parts = vec![kinds(), kinds().slice(1, 1), kinds().slice(0, 0)];
        let file = written(format, &PLAIN, parts[0].schema(), parts.clone()).await;
        let expected = concat_batches(&parts[0].schema(), &parts).unwrap();
        assert_eq!(read(format, file), expected, "{format}");
    }
}

#[tokio::test]
async fn an_empty_answer_has_its_schema() {
    for format in [Format::Parquet, Format::Arrow] {
        let empty = kinds().slice(0, 0);
        let file = written(format, &PLAIN, empty.schema(), vec![]).await;
        assert_eq!(read(format, file), empty, "{format}");
    }
}

#[tokio::test]
async fn only_rows_are_told() {
    let told = HashMap::from([("home".to_owned(), "/home/alice".to_owned())]);
    let schema = Arc::new(kinds().schema().as_ref().clone().with_metadata(told));
    let rows = kinds().with_schema(Arc::clone(&schema)).unwrap();
    for format in [Format::Parquet, Format::Arrow] {
        let file = written(format, &PLAIN, Arc::clone(&schema), vec![rows.clone()]).await;
        assert!(!file.windows(5).any(|window| window == b"alice"), "{format}");
        assert_eq!(read(format, file), kinds(), "{format}");
    }
}

#[tokio::test]
async fn what_a_format_cannot_say_is_told() {
    let span = IntervalMonthDayNano::new(0, 1, 0);
    let spans = batch(vec![("span", Arc::new(IntervalMonthDayNanoArray::from(vec![span])))]);
    let named = |name| {
        let names = std::iter::repeat_n(name, arrow_file::BATCH_ROWS);
        let names: DictionaryArray<Int32Type> = names.collect();
        batch(vec![("name", Arc::new(names))])
    };
    for (format, parts) in
        [(Format::Parquet, vec![spans]), (Format::Arrow, vec![named("a"), named("b")])]
    {
        let rows = rows(parts[0].schema(), parts);
        let outcome = write_rows(rows, format, &PLAIN, &mut Vec::new()).await;
        assert!(matches!(outcome, Err(Error::Encode { .. })), "{format}: {outcome:?}");
    }
}

proptest! {
    #[test]
    fn any_rows_come_back(
        rows in proptest::collection::vec(
            (proptest::option::of(".{0,6}"), proptest::option::of(any::<i64>())), 1..40),
        split in 0_usize..40,
    ) {
        let (names, counts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let whole = batch(vec![
            ("name", Arc::new(StringArray::from(names))),
            ("count", Arc::new(Int64Array::from(counts))),
        ]);
        let split = split.min(whole.num_rows());
        let parts = [whole.slice(0, split), whole.slice(split, whole.num_rows() - split)];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for format in [Format::Parquet, Format::Arrow] {
            let file = written(format, &PLAIN, whole.schema(), parts.to_vec());
            prop_assert_eq!(&read(format, runtime.block_on(file)), &whole);
        }
    }
}

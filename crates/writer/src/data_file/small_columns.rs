//! Columns of a small file that are not worth compressing: NULL, or a value or two in all rows. Each
//! compressed column needs a context, which costs more than all else that is done for such a column.

use std::sync::LazyLock;

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::DataType,
};
use ecstrail_converter::{COLUMNS, arrow_schema};
use parquet::{
    arrow::ArrowSchemaConverter, basic::Compression, file::properties::WriterProperties,
    schema::types::ColumnPath,
};

/// Bytes that a column takes at most, encoded and not compressed, for Zstandard to gain nothing.
const SMALL_BYTES: usize = 400;
/// Different values that are looked for among those of a column.
const MOST_VALUES: usize = 4;

/// Turns off compression of the small columns of a file with these rows.
pub(crate) fn spare_small_columns(
    properties: &WriterProperties,
    rows: &[&RecordBatch],
) -> WriterProperties {
    let is_small: Vec<bool> = (0..COLUMNS.len())
        .map(|column| {
            let mut values = Values::default();
            rows.iter().all(|batch| values.add(batch.column(column)))
        })
        .collect();
    let mut properties = properties.clone().into_builder();
    for (_, path) in LEAVES.iter().filter(|(column, _)| is_small[*column]) {
        properties = properties.set_column_compression(path.clone(), Compression::UNCOMPRESSED);
    }
    properties.build()
}

/// The leaves of the Parquet schema, each with the number of its column.
static LEAVES: LazyLock<Vec<(usize, ColumnPath)>> = LazyLock::new(|| {
    let schema = ArrowSchemaConverter::new().convert(&arrow_schema());
    let schema = schema.expect("Parquet has a type for each kind of column");
    let leaves = schema.columns().iter().enumerate();
    leaves.map(|(leaf, found)| (schema.get_column_root_idx(leaf), found.path().clone())).collect()
});

/// What has been seen of a column's values.
#[derive(Default)]
struct Values<'a> {
    /// Different texts; they stand in a dictionary.
    texts: Vec<&'a str>,
    text_bytes: usize,
    /// How many there are of them, repeated or not.
    text_count: usize,
    other_bits: usize,
}

impl<'a> Values<'a> {
    /// Adds values; returns whether the column is small still.
    fn add(&mut self, array: &'a ArrayRef) -> bool {
        match array.data_type() {
            DataType::Utf8 => {
                let mut texts = array.as_string::<i32>().iter().flatten();
                texts.all(|text| self.add_text(text)) && self.is_small()
            }
            DataType::List(_) => self.add(array.as_list::<i32>().values()),
            DataType::Map(..) => array.as_map().entries().columns().iter().all(|of| self.add(of)),
            other => {
                let bits = other.primitive_width().map_or(1, |bytes| bytes * 8);
                self.other_bits += (array.len() - array.null_count()) * bits;
                self.is_small()
            }
        }
    }

    fn add_text(&mut self, text: &'a str) -> bool {
        self.text_count += 1;
        if !self.texts.contains(&text) {
            self.texts.push(text);
            self.text_bytes += text.len();
        }
        self.texts.len() <= MOST_VALUES && self.text_bytes <= SMALL_BYTES
    }

    fn is_small(&self) -> bool {
        let index_bits = self.texts.len().next_power_of_two().trailing_zeros() as usize;
        let bits = self.text_count * index_bits + self.other_bits;
        self.text_bytes + bits / 8 <= SMALL_BYTES
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Int64Array, ListBuilder, StringArray, StringBuilder};

    use super::*;

    fn texts(value: impl Fn(usize) -> Option<String>) -> ArrayRef {
        Arc::new((0..2000).map(value).collect::<StringArray>())
    }

    #[test]
    fn what_is_small() {
        let list = |value: fn(usize) -> String| {
            let mut builder = ListBuilder::new(StringBuilder::new());
            for number in 0..1000 {
                builder.append_option((number % 2 == 0).then(|| [Some(value(number))]));
            }
            Arc::new(builder.finish()) as ArrayRef
        };
        let numbers = |number: fn(i64) -> Option<i64>| {
            Arc::new((0..2000).map(number).collect::<Int64Array>()) as ArrayRef
        };
        for (column, array, is_small) in [
            ("NULL", texts(|_| None), true),
            ("one text", texts(|_| Some("eu-west-1".to_owned())), true),
            ("one text or NULL", texts(|row| (row % 3 == 0).then(|| "x".to_owned())), true),
            ("two texts", texts(|row| Some(["a", "b"][row % 2].to_owned())), true),
            ("four texts", texts(|row| Some((row % 4).to_string())), false),
            ("five texts", texts(|row| (row % 400 == 0).then(|| row.to_string())), false),
            ("a long text", texts(|row| (row == 7).then(|| "x".repeat(500))), false),
            (
                "flags",
                Arc::new((0..2000).map(|row| Some(row % 2 == 0)).collect::<BooleanArray>()),
                true,
            ),
            ("numbers", numbers(Some), false),
            ("a few numbers", numbers(|row| (row < 40).then_some(row)), true),
            ("lists of one text", list(|_| "x".to_owned()), true),
            ("lists of many", list(|number| number.to_string()), false),
        ] {
            assert_eq!(Values::default().add(&array), is_small, "{column}");
        }
        let mut values = Values::default();
        let (one, other) = (texts(|_| Some("a".to_owned())), texts(|row| Some(row.to_string())));
        assert!(values.add(&one));
        assert!(!values.add(&other));
    }
}

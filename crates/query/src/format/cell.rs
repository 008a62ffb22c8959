//! One value as text, for the formats that are made of cells.

use arrow::{
    array::{Array, AsArray},
    datatypes::FieldRef,
    error::ArrowError,
    json::writer::{EncoderOptions, make_encoder},
    util::display::{ArrayFormatter, FormatOptions},
};

/// NULL is an empty cell; instants are RFC 3339 in UTC, with a fraction only if there is one.
const OPTIONS: FormatOptions<'_> = FormatOptions::new().with_display_error(false);

/// Returns a formatter of the column's values.
pub(super) fn formatter(column: &dyn Array) -> Result<ArrayFormatter<'_>, ArrowError> {
    ArrayFormatter::try_new(column, &OPTIONS)
}

/// Returns every value of a column for people's eyes: the elements of a list behind each other.
pub(crate) fn readable(column: &dyn Array) -> Result<Vec<String>, ArrowError> {
    let text = |formatter: &ArrayFormatter<'_>, row| formatter.value(row).try_to_string();
    let Some(lists) = column.as_list_opt::<i32>() else {
        let formatter = formatter(column)?;
        return (0..column.len()).map(|row| text(&formatter, row)).collect();
    };
    let formatter = formatter(lists.values().as_ref())?;
    let offsets = lists.value_offsets();
    let elements = |row: usize| -> Result<String, ArrowError> {
        if lists.is_null(row) {
            return Ok(String::new());
        }
        let bound = |number: i32| usize::try_from(number).unwrap_or_default();
        let range = bound(offsets[row])..bound(offsets[row + 1]);
        let texts =
            range.map(|element| text(&formatter, element)).collect::<Result<Vec<_>, _>>()?;
        Ok(texts.join(", "))
    };
    (0..column.len()).map(elements).collect()
}

/// Returns every value of a column as a program reads it back: what is nested as JSON.
pub(super) fn exact(field: &FieldRef, column: &dyn Array) -> Result<Vec<String>, ArrowError> {
    if let Some(texts) = column.as_string_opt::<i32>() {
        return Ok(texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect());
    }
    if !field.data_type().is_nested() {
        let formatter = formatter(column)?;
        return (0..column.len()).map(|row| formatter.value(row).try_to_string()).collect();
    }
    let options = EncoderOptions::default().with_explicit_nulls(true);
    let mut encoder = make_encoder(field, column, &options)?;
    let json = |row| {
        let mut text = Vec::new();
        if !encoder.is_null(row) {
            encoder.encode(row, &mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    };
    Ok((0..column.len()).map(json).collect())
}

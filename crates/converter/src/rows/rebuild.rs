//! From a row back to its record.
//!
//! A record is rebuilt from the columns of its top-level members, over which the members in
//! `unmapped` are laid; derived columns are not asked. The record's tokens come back as CloudTrail
//! wrote them; the order of its top-level members, white space and the spelling of escapes in
//! top-level texts do not. What is rebuilt is checked against the row's `record_hash`.

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Int64Type, TimestampMicrosecondType},
};
use chrono::DateTime;

use crate::{
    columns::{COLUMNS, Column, Kind, Rule},
    error::{Error, Result},
    records::{
        canonical::Canonical,
        json::{for_each_element, for_each_member, skip_value, unescape, write_string},
    },
};

/// Rebuilds records from rows.
#[derive(Debug, Default)]
pub struct Rebuilder {
    canonical: Canonical,
    text: Vec<u8>,
}

/// The columns that [`Rebuilder`] needs of a batch, in any order and among any others.
pub fn rebuild_columns() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| {
        column.rule.is_top_level()
            || matches!(
                column.rule,
                Rule::Unmapped | Rule::RecordHash | Rule::SourceFile | Rule::SourceIndex
            )
    })
}

impl Rebuilder {
    /// Makes a rebuilder.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `each` with the row and the record's text (one line, UTF-8), for every row in order.
    ///
    /// Fails if the batch lacks one of [`rebuild_columns`], and if what is rebuilt is not the
    /// record that the row was made from.
    pub fn records(&mut self, rows: &RecordBatch, mut each: impl FnMut(usize, &str)) -> Result<()> {
        let rows = Rows::new(rows)?;
        for row in 0..rows.record_hash.len() {
            self.text.clear();
            let text = rows
                .write(row, &mut self.text)
                .and_then(|()| std::str::from_utf8(&self.text).ok())
                .ok_or_else(|| rows.error(row, "the column unmapped is no JSON object"))?;
            if self.canonical.record_hash(text) != rows.record_hash.value(row) {
                return Err(rows.error(row, "its columns give a record with another record_hash"));
            }
            each(row, text);
        }
        Ok(())
    }
}

/// The values of one column that holds a top-level member.
#[derive(Debug)]
enum Values {
    Text(StringArray),
    Json { values: StringArray, is_null_if_missing: bool },
    Boolean { values: BooleanArray, is_written_as_text: bool },
    Instant(TimestampMicrosecondArray),
}

#[derive(Debug)]
struct Rows {
    members: Vec<(&'static str, Values)>,
    unmapped: StringArray,
    record_hash: Int64Array,
    source_file: StringArray,
    source_index: Int64Array,
}

impl Rows {
    fn new(batch: &RecordBatch) -> Result<Self> {
        let members = COLUMNS.iter().filter(|column| column.rule.is_top_level());
        Ok(Self {
            members: members
                .map(|column| Ok((column.sources[0], Values::new(column, batch)?)))
                .collect::<Result<_>>()?,
            unmapped: text(by_rule(batch, Rule::Unmapped)?)?,
            record_hash: long(by_rule(batch, Rule::RecordHash)?)?,
            source_file: text(by_rule(batch, Rule::SourceFile)?)?,
            source_index: long(by_rule(batch, Rule::SourceIndex)?)?,
        })
    }

    fn error(&self, row: usize, reason: &'static str) -> Error {
        Error::Rebuild {
            log_file: self.source_file.value(row).to_owned(),
            record_index: self.source_index.value(row),
            reason,
        }
    }

    /// Appends the record's text; `None` if `unmapped` is not what a conversion writes.
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Option<()> {
        let unmapped = self.unmapped.is_valid(row).then(|| self.unmapped.value(row));
        let overlay = Overlay::read(unmapped.unwrap_or("{}"))?;
        if let Some(record) = overlay.record {
            out.extend_from_slice(unescape(record).0.as_bytes());
            return Some(());
        }
        out.push(b'{');
        for (name, values) in &self.members {
            if !overlay.hides(name) {
                values.write_member(name, row, out);
            }
        }
        for (name, member) in &overlay.members {
            if *name != ABSENT {
                separate(out);
                out.extend_from_slice(member.as_bytes());
            }
        }
        out.push(b'}');
        Some(())
    }
}

const RECORD: &str = "\"~record\"";
const ABSENT: &str = "\"~absent\"";

/// What `unmapped` says: tokens of its text.
#[derive(Debug, Default)]
struct Overlay<'a> {
    /// Name and whole member.
    members: Vec<(&'a str, &'a str)>,
    absent: Vec<&'a str>,
    /// The record itself, as a text.
    record: Option<&'a str>,
}

impl<'a> Overlay<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut overlay = Self::default();
        if !text.starts_with('{') {
            return None;
        }
        for_each_member(text, 0, |key, value| {
            let name = key.token;
            let end = skip_value(text.as_bytes(), value);
            overlay.members.push((&text[name.clone()], &text[name.start..end]));
            match &text[name] {
                RECORD => overlay.record = Some(&text[value..end]),
                ABSENT => {
                    for_each_element(text, value, |start| {
                        let end = skip_value(text.as_bytes(), start);
                        overlay.absent.push(&text[start..end]);
                        end
                    });
                }
                _ => {}
            }
            end
        });
        Some(overlay)
    }

    fn hides(&self, name: &str) -> bool {
        let is_name = |token: &str| token.get(1..token.len() - 1) == Some(name);
        self.members.iter().any(|(member, _)| is_name(member))
            || self.absent.iter().any(|token| is_name(token))
    }
}

impl Values {
    fn new(column: &Column, batch: &RecordBatch) -> Result<Self> {
        let values = by_name(batch, column.name)?;
        Ok(match (column.kind, column.rule) {
            (Kind::Json, rule) => {
                Self::Json { values: text(values)?, is_null_if_missing: rule == Rule::JsonOrNull }
            }
            (Kind::Boolean, rule) => Self::Boolean {
                values: values.1.as_boolean_opt().ok_or(not_rows(values.0))?.clone(),
                is_written_as_text: rule == Rule::OwnedFlag,
            },
            (Kind::Timestamp, _) => Self::Instant(
                values
                    .1
                    .as_primitive_opt::<TimestampMicrosecondType>()
                    .ok_or(not_rows(values.0))?
                    .clone(),
            ),
            _ => Self::Text(text(values)?),
        })
    }

    fn write_member(&self, name: &str, row: usize, out: &mut Vec<u8>) {
        let array: &dyn Array = match self {
            Self::Text(values) | Self::Json { values, .. } => values,
            Self::Boolean { values, .. } => values,
            Self::Instant(values) => values,
        };
        let is_null_written = matches!(self, Self::Json { is_null_if_missing: true, .. });
        if array.is_null(row) && !is_null_written {
            return;
        }
        separate(out);
        write_string(name, out);
        out.push(b':');
        match self {
            _ if array.is_null(row) => out.extend_from_slice(b"null"),
            Self::Text(values) => write_string(values.value(row), out),
            Self::Json { values, .. } => out.extend_from_slice(values.value(row).as_bytes()),
            Self::Boolean { values, is_written_as_text } => {
                let value = if values.value(row) { "true" } else { "false" };
                if *is_written_as_text {
                    write_string(value, out);
                } else {
                    out.extend_from_slice(value.as_bytes());
                }
            }
            Self::Instant(values) => {
                let instant =
                    DateTime::from_timestamp_micros(values.value(row)).unwrap_or_default();
                write_string(&instant.format("%Y-%m-%dT%H:%M:%SZ").to_string(), out);
            }
        }
    }
}

fn separate(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

type Named<'a> = (&'static str, &'a ArrayRef);

fn by_rule(batch: &RecordBatch, rule: Rule) -> Result<Named<'_>> {
    let column = COLUMNS.iter().find(|column| column.rule == rule);
    by_name(batch, column.map_or("", |column| column.name))
}

fn by_name<'a>(batch: &'a RecordBatch, name: &'static str) -> Result<Named<'a>> {
    Ok((name, batch.column_by_name(name).ok_or(not_rows(name))?))
}

fn text((name, values): Named<'_>) -> Result<StringArray> {
    values.as_string_opt::<i32>().cloned().ok_or(not_rows(name))
}

fn long((name, values): Named<'_>) -> Result<Int64Array> {
    values.as_primitive_opt::<Int64Type>().cloned().ok_or(not_rows(name))
}

fn not_rows(column: &'static str) -> Error {
    Error::NotRows { column }
}

#[cfg(test)]
mod tests;

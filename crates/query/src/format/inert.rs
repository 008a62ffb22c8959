//! Cells that do nothing in a spreadsheet.
//!
//! [OWASP](https://owasp.org/www-community/attacks/CSV_Injection) names `=`, `+`, `-`, `@`, tab,
//! carriage return and line feed as beginnings of a formula, and separators and quotes within a
//! text as ways to begin another cell; [ASVS 1.2.10](https://owasp.org/www-project-application-security-verification-standard/)
//! adds NUL. A `'` before the text is their answer. Beyond that:
//!
//! - A spreadsheet of a country that writes `1,5` takes `;` for the border of cells, and does not
//!   know our quotes then: what stands after a `;`, a tab or a line break is a beginning, too.
//! - Blanks, a byte order mark and quotes are skipped by some before they look: so are they here.
//! - `＝`, `＋`, `－` and `＠` are what East Asian keyboards write, and Excel there understands.
//!
//! `|` and `%` run nothing by themselves and are left alone.

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};

use super::{cell, terminal::is_invisible};

const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
const BORDERS: [char; 4] = [';', '\t', '\r', '\n'];

/// Returns the columns' names; inert unless `raw`.
pub(super) fn header(schema: &SchemaRef, raw: bool) -> Vec<String> {
    let name = |name: &String| if raw { name.clone() } else { inert(name) };
    schema.fields().iter().map(|field| name(field.name())).collect()
}

/// Returns the batch's cells, column by column, as a program reads them back; inert unless `raw`.
pub(super) fn cells(batch: &RecordBatch, raw: bool) -> Result<Vec<Vec<String>>, ArrowError> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    let columns = columns.map(|(field, column)| {
        let cells = cell::exact(field, column.as_ref())?;
        // A negative number is a number.
        let is_safe = raw || field.data_type().is_numeric();
        let inert = |cell: String| if is_inert(&cell) { cell } else { inert(&cell) };
        Ok(if is_safe { cells } else { cells.into_iter().map(inert).collect() })
    });
    columns.collect()
}

/// Returns whether a text begins with a letter or a digit and holds neither a border nor NUL, as most do.
fn is_inert(text: &str) -> bool {
    text.bytes().next().is_none_or(|first| first.is_ascii_alphanumeric())
        && !text.contains(BORDERS)
        && !text.contains('\0')
}

/// Takes from a text what a spreadsheet would run, or a reader stumble over.
pub(super) fn inert(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    if text.starts_with(&BORDERS[1..]) {
        safe.push('\'');
    }
    for piece in text.split_inclusive(BORDERS) {
        let is_skipped = |character: char| {
            character.is_whitespace() || is_invisible(character) || character == '"'
        };
        if piece.trim_start_matches(is_skipped).starts_with(FORMULA_STARTS) {
            safe.push('\'');
        }
        safe.push_str(piece);
    }
    if safe.contains('\0') { safe.replace('\0', "\\u{0}") } else { safe }
}

//! Data files of an older column table, whose rows lack columns that a query uses.

use ecstrail_converter::COLUMNS;
use ecstrail_writer::DataFile;

use crate::portable::{VIEWS, View};

/// Files whose rows lack values in some columns, since an older version of the program wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldFiles {
    /// How many data files are too old.
    pub old: usize,
    /// How many data files there are.
    pub files: usize,
    /// The columns that their rows lack values in, in the order of the column table.
    pub columns: Vec<&'static str>,
}

impl OldFiles {
    /// Finds files that lack columns that an SQL text names; `None` if there are none.
    pub(crate) fn of(files: &[DataFile], sql: &str) -> Option<Self> {
        let oldest = files.iter().map(|file| file.schema_version).min()?;
        let views = VIEWS.iter().filter(|view| names_word(sql, view.name));
        let views: Vec<_> = views.filter_map(View::portable_query).collect();
        let is_named =
            |name| names_word(sql, name) || views.iter().any(|query| names_word(query, name));
        let newer: Vec<_> = COLUMNS
            .iter()
            .filter(|column| column.version() > oldest && is_named(column.name))
            .collect();
        let needed = newer.iter().map(|column| column.version()).max()?;
        let old = files.iter().filter(|file| file.schema_version < needed).count();
        let columns = newer.iter().map(|column| column.name).collect();
        Some(Self { old, files: files.len(), columns })
    }
}

/// Views show lists under the names of their elements: `container_reason` of `container_reasons`.
fn names_word(sql: &str, column: &str) -> bool {
    sql.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .any(|word| word == column || column.strip_suffix('s') == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(schema_version: u32) -> DataFile {
        DataFile {
            path: String::new(),
            schema_version,
            bytes: 0,
            rows: 0,
            rows_without_time: 0,
            event_time: None,
            event_name: None,
            cluster_name: None,
            sha256: String::new(),
            checked: Vec::new(),
            prepared: String::new(),
        }
    }

    #[test]
    fn files_that_lack_what_is_asked() {
        let sql = "SELECT event_name, person FROM events WHERE is_write AND cluster_name = 'a'";
        for (versions, sql, expected) in [
            (&[3, 3][..], sql, None),
            (&[], sql, None),
            (&[3, 2, 1], sql, Some((2, 3, vec!["cluster_name", "is_write", "person"]))),
            (&[3, 2], "SELECT event_name, persons FROM events", None),
            (&[3, 2], "SELECT task_definition_family FROM events", None),
            (
                &[2, 1],
                "SELECT task_definition_family FROM events",
                Some((1, 2, vec!["task_definition_family"])),
            ),
            (
                &[2],
                "SELECT container_reason FROM containers",
                Some((1, 1, vec!["container_reasons"])),
            ),
            (&[2], "SELECT container_name FROM containers", None),
            (
                &[2],
                "SELECT previous_desired_count FROM service_changes",
                Some((
                    1,
                    1,
                    vec!["error_code", "cluster_name", "service_name", "dry_run", "account_id"],
                )),
            ),
        ] {
            let files: Vec<_> = versions.iter().map(|version| file(*version)).collect();
            let found = OldFiles::of(&files, sql);
            let found = found.map(|found| (found.old, found.files, found.columns));
            assert_eq!(found, expected, "{versions:?} {sql}");
        }
    }
}

//! The data dictionary: every column of the table, for people and for programs.

use datafusion::arrow::datatypes::DataType;
use ecstrail_converter::{COLUMNS, Group, PARTITION_COLUMNS, SCHEMA_VERSION};
use serde::Serialize;

/// A column as the dictionary describes it.
#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    group: &'static str,
    /// Type in the SQL of Hive, Athena and Spark.
    sql_type: &'static str,
    /// Type in Arrow.
    arrow_type: String,
    nullable: bool,
    /// Where the value is looked for in the record, best first.
    sources: &'static [&'static str],
    description: &'static str,
}

#[derive(Debug, Serialize)]
struct Dictionary {
    schema_version: u32,
    columns: Vec<Entry>,
}

const PARTITION: &str = "Partition: in the path, not in the files";

impl Dictionary {
    fn new() -> Self {
        let columns = COLUMNS.iter().map(|column| Entry {
            name: column.name,
            group: column.group.title(),
            sql_type: column.kind.sql_type(),
            arrow_type: column.kind.arrow_type().to_string(),
            nullable: !column.is_required(),
            sources: column.sources,
            description: column.description,
        });
        let types = [DataType::Date32, DataType::Utf8];
        let partition = PARTITION_COLUMNS.iter().zip(types).map(|(column, kind)| Entry {
            name: column.name,
            group: PARTITION,
            sql_type: column.sql_type,
            arrow_type: kind.to_string(),
            nullable: false,
            sources: column.sources,
            description: column.description,
        });
        Self { schema_version: SCHEMA_VERSION, columns: columns.chain(partition).collect() }
    }
}

/// Returns the dictionary as a JSON object with the members `schema_version` and `columns`.
pub fn columns_as_json() -> String {
    // The names and texts of the table are plain: this cannot fail.
    serde_json::to_string_pretty(&Dictionary::new()).unwrap_or_default()
}

/// Returns the dictionary in Markdown: one table a group.
pub fn columns_as_markdown() -> String {
    let dictionary = Dictionary::new();
    let mut text = format!(
        "{} columns, schema version {}. \"From\" lists where a value is looked for in the record, \
         best first: `request.` is `requestParameters.`, `response.` is `responseElements.`, `[]` \
         each element, `[?a=b]` the elements whose `a` is `b`, `a|b` either, `@` another column. The first \
         source with a value of the column's type counts; a single value is NULL where that \
         source's values disagree. Nothing is made up: what the record does not say is NULL.\n",
        dictionary.columns.len(),
        dictionary.schema_version
    );
    let groups = Group::ALL.iter().map(|group| group.title()).chain([PARTITION]);
    for group in groups {
        text.extend([
            "\n### ",
            group,
            "\n\n| column | type | from | meaning |\n|---|---|---|---|\n",
        ]);
        text.extend(dictionary.columns.iter().filter(|entry| entry.group == group).map(line));
    }
    text
}

fn line(entry: &Entry) -> String {
    let sources: Vec<_> = entry.sources.iter().map(|source| short(source)).collect();
    let (name, kind) = (entry.name, entry.sql_type);
    let sources = sources.join(", ").replace('|', "\\|");
    format!("| `{name}` | {kind} | {sources} | {} |\n", escape(entry.description))
}

/// Returns a source as the dictionary spells it.
fn short(source: &str) -> String {
    let short =
        source.replace("requestParameters.", "request.").replace("responseElements.", "response.");
    format!("`{short}`")
}

fn escape(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

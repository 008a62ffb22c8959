//! The column table's types, and what follows from the table: the Arrow schema.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

pub(crate) mod partition;
mod table;

pub use partition::{PARTITION_COLUMNS, PartitionColumn, PartitionKey};
pub use table::COLUMNS;

/// Version of the column table. Columns are only ever appended; each change raises it. Version 2
/// knows family and revision of daemon task definitions; version 3 knows writes, people, accounts
/// of old records and the cluster of every call that has one, and counts instants in microseconds.
pub const SCHEMA_VERSION: u32 = 3;

/// What a column is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Group {
    /// The call itself.
    Event,
    /// Who called.
    Identity,
    /// The session behind temporary credentials.
    Session,
    /// Where the call came from.
    Network,
    /// How it failed.
    Error,
    /// Amazon ECS: NULL for other services.
    Ecs,
    /// Resources that CloudTrail names.
    Resources,
    /// Members as JSON text, exactly as CloudTrail wrote them.
    Json,
    /// Where the record was found.
    Provenance,
}

impl Group {
    /// Every group, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Event,
        Self::Identity,
        Self::Session,
        Self::Network,
        Self::Error,
        Self::Ecs,
        Self::Resources,
        Self::Json,
        Self::Provenance,
    ];

    /// What the group is about, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Event => "The event",
            Self::Identity => "Who called",
            Self::Session => "The session behind temporary credentials",
            Self::Network => "Where the call came from",
            Self::Error => "How it failed",
            Self::Ecs => "Amazon ECS (NULL for other services)",
            Self::Resources => "Resources that CloudTrail names",
            Self::Json => "Members of the record as JSON text",
            Self::Provenance => "Where the record was found",
        }
    }
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// JSON text.
    Json,
    /// True or false.
    Boolean,
    /// 32-bit integer.
    Integer,
    /// 64-bit integer.
    Long,
    /// Instant in UTC, in microseconds, since Apache Iceberg has nothing else
    /// (<https://iceberg.apache.org/spec/#primitive-types>). All are whole milliseconds, since
    /// Athena rounds to them.
    Timestamp,
    /// List of texts.
    TextList,
    /// List of 32-bit integers.
    IntegerList,
    /// Texts by key; no key stands twice.
    TextMap,
}

/// How a column's value is found in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The top-level member itself; a record is rebuilt from these.
    Owned,
    /// As `Owned`, for true or false that CloudTrail writes as text.
    OwnedFlag,
    /// As `Owned`; the empty text is NULL.
    OwnedUnlessEmpty,
    /// The top-level member's JSON text; a record is rebuilt from these.
    Json,
    /// As `Json`, for a member that every record has: NULL is JSON null.
    JsonOrNull,
    /// What no other column holds.
    Unmapped,
    /// The value of the first source that has one; NULL if its values disagree.
    One,
    /// As `One`, ARNs only.
    Arn,
    /// As `One`; of an ARN the part after the last `/`.
    Name,
    /// The cluster's name: of a cluster ARN, of the long ARN of something in it, or as given;
    /// `default` where a call names none.
    Cluster,
    /// The service's name: of the ARN of a service or of something that belongs to one, or as given.
    Service,
    /// The family of `family`, `family:revision` or a task definition's ARN.
    Family,
    /// The revision of `family:revision` or of a task definition's ARN.
    Revision,
    /// All values of the first source that has any.
    List,
    /// As `List`, without repetitions.
    Distinct,
    /// As `List`, ARNs only.
    Arns,
    /// As `Aligned`, ARNs only.
    AlignedArns,
    /// As `List`; of an ARN the part after the last `/`. Of a column with one ARN the id of a task.
    Ids,
    /// As `List`, with NULL where an element lacks the member: lists of one array stay aligned.
    Aligned,
    /// As `Aligned`, over the containers of a record: the best array that any of these columns
    /// finds a value in is the array of all.
    Containers,
    /// As `Aligned`; each value is an array of words, joined by spaces.
    Commands,
    /// Elements `{"key": …, "value": …}`; a value is NULL if two elements disagree on it.
    Tags,
    /// The part of a principal id after the first `:`.
    RoleSessionName,
    /// As `One`, for calls about account settings alone.
    AccountSetting,
    /// The account that the event is of.
    Account,
    /// Whether the call changes something.
    IsWrite,
    /// The action that an error message says was denied.
    DeniedAction,
    /// The resource that an error message says was denied.
    DeniedResource,
    /// Who called, in short.
    Actor,
    /// As `Actor`, with the sessions that machines name put together by their role.
    ActorGroup,
    /// The human behind the call.
    Person,
    /// How the call arrived.
    Channel,
    /// First 8 bytes of the SHA-256 of the record's canonical text.
    RecordHash,
    /// Path of the log file.
    SourceFile,
    /// Position among the file's records.
    SourceIndex,
    /// Offset in the decompressed file.
    SourceOffset,
}

impl Rule {
    /// Returns whether the column holds a top-level member, so that a record is rebuilt from it.
    pub fn is_top_level(self) -> bool {
        matches!(
            self,
            Self::Owned | Self::OwnedFlag | Self::OwnedUnlessEmpty | Self::Json | Self::JsonOrNull
        )
    }

    /// Returns whether elements without a value are NULL in the column's list.
    pub fn is_aligned(self) -> bool {
        matches!(self, Self::Aligned | Self::AlignedArns | Self::Containers | Self::Commands)
    }
}

/// One column of the dataset.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in every engine.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// Type of its values.
    pub kind: Kind,
    /// How its value is found.
    pub rule: Rule,
    /// Where to look, best first: paths in the record (`[]` each element, `[?a=b]` those whose
    /// member `a` is `b`, a last `a|b` either member), and `@column` for what another column
    /// holds.
    pub sources: &'static [&'static str],
    /// What it means, in one sentence or two.
    pub description: &'static str,
}

impl Column {
    /// Returns the version of the column table in which the column was added or was filled
    /// otherwise for the last time: rows that an older table filled lack values in it.
    pub fn version(&self) -> u32 {
        match self.name {
            "account_id"
            | "account_setting_name"
            | "account_setting_principal"
            | "account_setting_value"
            | "actor_group"
            | "channel"
            | "cluster_name"
            | "container_reasons"
            | "denied_action"
            | "dry_run"
            | "error_code"
            | "error_message"
            | "is_write"
            | "person"
            | "service_name"
            | "task_ids" => 3,
            "task_definition_family" | "task_definition_revision" => 2,
            _ => 1,
        }
    }

    /// Returns whether every row has a value.
    pub fn is_required(&self) -> bool {
        matches!(self.rule, Rule::RecordHash | Rule::SourceFile | Rule::SourceIndex)
    }
}

impl Kind {
    /// Returns the Arrow type. Nested names are Parquet's own, so that every reader agrees.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::Utf8,
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::TextList => DataType::List(list_element(DataType::Utf8)),
            Self::IntegerList => DataType::List(list_element(DataType::Int32)),
            Self::TextMap => {
                let [key, value] = map_entry();
                let entry = DataType::Struct(vec![key, value].into());
                DataType::Map(Arc::new(Field::new(MAP_ENTRY, entry, false)), false)
            }
        }
    }
}

const MAP_ENTRY: &str = "key_value";

fn list_element(kind: DataType) -> FieldRef {
    Arc::new(Field::new("element", kind, true))
}

fn map_entry() -> [FieldRef; 2] {
    [("key", false), ("value", true)]
        .map(|(name, nullable)| Arc::new(Field::new(name, DataType::Utf8, nullable)))
}

impl Kind {
    /// Returns the type's name in the SQL of Hive, Athena and Spark.
    pub fn sql_type(self) -> &'static str {
        match self {
            Self::Text | Self::Json => "string",
            Self::Boolean => "boolean",
            Self::Integer => "int",
            Self::Long => "bigint",
            Self::Timestamp => "timestamp",
            Self::TextList => "array<string>",
            Self::IntegerList => "array<int>",
            Self::TextMap => "map<string,string>",
        }
    }
}

/// Returns the schema of every data file: one field for each column, in the table's order. The
/// partition's `date` and `region` are not in the files but in their paths.
pub fn arrow_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let fields: Vec<Field> = COLUMNS
            .iter()
            .map(|column| Field::new(column.name, column.kind.arrow_type(), !column.is_required()))
            .collect();
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}

/// Returns the position of a column in the table.
pub fn column_index(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_plain_in_every_engine() {
        let names: BTreeSet<_> = COLUMNS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), COLUMNS.len());
        for name in names {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
            assert!(!["date", "region"].contains(&name), "partition columns live in the path");
        }
    }

    #[test]
    fn the_newest_columns_are_those_of_this_version() {
        let newest = COLUMNS.iter().map(Column::version).max();
        assert_eq!(newest, Some(SCHEMA_VERSION));
        let appended: Vec<u32> = COLUMNS.iter().rev().take(6).map(Column::version).collect();
        assert_eq!(appended, [3; 6], "columns are appended with their version");
    }

    #[test]
    fn every_column_stands_in_a_group_that_is_documented() {
        for column in COLUMNS {
            assert!(Group::ALL.contains(&column.group), "{}", column.name);
            assert!(column.description.ends_with(['.', '…']), "{}", column.name);
        }
    }

    #[test]
    fn references_between_columns_come_to_an_end() {
        for column in COLUMNS {
            let mut referred = vec![column.name];
            for _ in 0..COLUMNS.len() {
                referred = referred
                    .iter()
                    .flat_map(|name| {
                        let number = column_index(name).unwrap_or_else(|| panic!("no {name}"));
                        COLUMNS[number].sources.iter().filter_map(|source| source.strip_prefix('@'))
                    })
                    .collect();
                referred.sort_unstable();
                referred.dedup();
            }
            assert_eq!(referred, Vec::<&str>::new(), "{}", column.name);
        }
    }
}

//! The view `cloudtrail_logs`: the names and nesting of the Athena table that AWS documents for
//! CloudTrail, over the table `events`, so that queries written for that table run as they are
//! (<https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html>).

use ecstrail_converter::{COLUMNS, Kind};

use crate::portable::Dialect;

pub(super) mod fields;

use fields::{
    FIELDS, Field,
    Value::{self, Column, DayPart, DayPath, Json, JsonMap, Structure, Structures},
};

pub(super) const NAME: &str = "cloudtrail_logs";

pub(super) const DESCRIPTION: &str =
    "The names and nesting of the table that AWS documents for CloudTrail in Athena.";

/// Returns the statement that creates the view, in the SQL of an engine that has structures by
/// these names.
pub(super) fn statement(dialect: Dialect) -> String {
    let engine = Engine(dialect);
    let columns = FIELDS
        .iter()
        .map(|field| format!("  {} AS {}", engine.value(field.value), engine.quoted(field.name)));
    let create = dialect.create_view();
    format!(
        "-- {DESCRIPTION}\n{create} {NAME} AS\nSELECT\n{}\nFROM events;\n",
        columns.collect::<Vec<_>>().join(",\n")
    )
}

/// What engines write differently.
#[derive(Clone, Copy)]
struct Engine(Dialect);

impl Engine {
    fn quoted(self, name: &str) -> String {
        match self.0 {
            Dialect::Spark => format!("`{name}`"),
            _ => format!("\"{name}\""),
        }
    }

    fn text_type(self) -> &'static str {
        if self.0 == Dialect::Spark { "STRING" } else { "VARCHAR" }
    }

    fn value(self, value: Value) -> String {
        let text = self.text_type();
        match value {
            Column(name) => self.column(name),
            Json(column, path) => match self.0 {
                Dialect::Spark => format!("get_json_object({column}, '{path}')"),
                Dialect::Athena => format!("json_extract_scalar({column}, '{path}')"),
                _ => format!("json_extract_string({column}, '{path}')"),
            },
            JsonMap(column, path) => match self.0 {
                Dialect::Spark => {
                    format!("from_json(get_json_object({column}, '{path}'), 'map<string,string>')")
                }
                _ => format!("CAST(json_extract({column}, '{path}') AS {})", self.map_type()),
            },
            // A structure whose fields are all NULL is not in the record.
            Structure(fields) => format!(
                "CASE WHEN {} IS NOT NULL THEN {} END",
                self.any_of(fields),
                self.structure(fields)
            ),
            Structures(fields) => self.structures(fields),
            DayPart(first, length) => {
                format!("substr(CAST(date AS {text}), {first}, {length})")
            }
            DayPath => format!("replace(CAST(date AS {text}), '-', '/')"),
        }
    }

    /// A column of `events`, as AWS's table has it.
    fn column(self, name: &str) -> String {
        let column = COLUMNS.iter().find(|column| column.name == name);
        match (column.map(|column| column.kind), self.0) {
            (Some(Kind::Boolean), _) => format!("CAST({name} AS {})", self.text_type()),
            (Some(Kind::Timestamp), Dialect::Spark) => {
                format!("date_format({name}, \"yyyy-MM-dd'T'HH:mm:ss'Z'\")")
            }
            (Some(Kind::Timestamp), Dialect::Athena) => {
                format!("date_format({name}, '%Y-%m-%dT%H:%i:%sZ')")
            }
            (Some(Kind::Timestamp), _) => {
                format!("strftime(timezone('UTC', {name}), '%Y-%m-%dT%H:%M:%SZ')")
            }
            _ => name.to_owned(),
        }
    }

    /// A text that is NULL if all fields are.
    fn any_of(self, fields: &[Field]) -> String {
        format!("coalesce({})", self.leaves(fields).join(", "))
    }

    fn leaves(self, fields: &[Field]) -> Vec<String> {
        let leaves = fields.iter().map(|field| match field.value {
            Structure(fields) => self.leaves(fields),
            JsonMap(column, path) => match self.0 {
                Dialect::Athena => vec![format!("json_format(json_extract({column}, '{path}'))")],
                _ => vec![self.value(Json(column, path))],
            },
            value => vec![self.value(value)],
        });
        leaves.flatten().collect()
    }

    fn map_type(self) -> &'static str {
        match self.0 {
            Dialect::Spark => "MAP<STRING, STRING>",
            _ => "MAP(VARCHAR, VARCHAR)",
        }
    }

    fn structure(self, fields: &[Field]) -> String {
        let values = fields.iter().map(|field| (field.name, self.value(field.value)));
        match self.0 {
            Dialect::Athena => {
                let values: Vec<_> = values.map(|(_, value)| value).collect();
                format!("CAST(ROW({}) AS {})", values.join(", "), self.row_type(fields))
            }
            _ => self.named(values),
        }
    }

    fn named(self, values: impl Iterator<Item = (&'static str, String)>) -> String {
        let (separator, [begin, end]) = match self.0 {
            Dialect::Spark => (",", ["named_struct(", ")"]),
            _ => (":", ["{", "}"]),
        };
        let values: Vec<_> =
            values.map(|(name, value)| format!("'{name}'{separator} {value}")).collect();
        format!("{begin}{}{end}", values.join(", "))
    }

    fn row_type(self, fields: &[Field]) -> String {
        let types = fields.iter().map(|field| {
            let kind = match field.value {
                Structure(fields) => self.row_type(fields),
                JsonMap(..) => self.map_type().to_owned(),
                _ => self.text_type().to_owned(),
            };
            format!("\"{}\" {kind}", field.name)
        });
        format!("ROW({})", types.collect::<Vec<_>>().join(", "))
    }

    /// Lists that belong together, side by side. Shorter ones are filled up with NULL.
    fn structures(self, fields: &[(&'static str, &'static str)]) -> String {
        let lists: Vec<_> = fields.iter().map(|(_, list)| *list).collect();
        let is_there = format!("coalesce({}) IS NOT NULL", lists.join(", "));
        let empty = match self.0 {
            Dialect::Spark => "array()",
            Dialect::Athena => "ARRAY[]",
            _ => "[]",
        };
        let lists: Vec<_> = lists.iter().map(|list| format!("coalesce({list}, {empty})")).collect();
        let lists = lists.join(", ");
        let element = |value: &dyn Fn(usize) -> String| {
            self.named(fields.iter().enumerate().map(|(at, (name, _))| (*name, value(at))))
        };
        let value = match self.0 {
            Dialect::Spark => format!(
                "transform(arrays_zip({lists}), element -> {})",
                element(&|at| format!("element.`{at}`"))
            ),
            Dialect::Athena => {
                let types: Vec<_> =
                    fields.iter().map(|(name, _)| format!("\"{name}\" VARCHAR")).collect();
                format!("CAST(zip({lists}) AS ARRAY(ROW({})))", types.join(", "))
            }
            _ => format!(
                "list_transform(list_zip({lists}), lambda element: {})",
                element(&|at| format!("element[{}]", at + 1))
            ),
        };
        format!("CASE WHEN {is_there} THEN {value} END")
    }
}

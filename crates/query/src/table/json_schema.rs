//! A row of the table as JSON, for programs that check or generate types
//! (<https://json-schema.org/draft/2020-12>).

use ecstrail_converter::{COLUMNS, Kind, PARTITION_COLUMNS, SCHEMA_VERSION};
use serde_json::{Map, Value, json};

/// Returns the JSON Schema of a row, as the formats `json` and `jsonl` write it.
pub fn columns_as_json_schema() -> String {
    let columns = COLUMNS.iter().map(|column| {
        let schema = schema(column.kind, !column.is_required());
        (column.name.to_owned(), described(schema, column.description))
    });
    let partition = PARTITION_COLUMNS.iter().map(|column| {
        let is_date = column.sql_type == "date";
        let format = if is_date { json!({"format": "date"}) } else { json!({}) };
        let schema = typed("string", false, format);
        (column.name.to_owned(), described(schema, column.description))
    });
    let names = COLUMNS.iter().filter(|column| column.is_required()).map(|column| column.name);
    let required: Vec<_> =
        names.chain(PARTITION_COLUMNS.iter().map(|column| column.name)).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "events",
        "description": format!("A row of the table events, schema version {SCHEMA_VERSION}."),
        "type": "object",
        "properties": columns.chain(partition).collect::<Map<_, _>>(),
        "required": required,
        "additionalProperties": false,
    });
    // Plain texts and lists cannot fail to be JSON.
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

fn schema(kind: Kind, nullable: bool) -> Value {
    let integer = |bits: u32| {
        let most = (1_i64 << (bits - 2)) - 1 + (1_i64 << (bits - 2));
        json!({"minimum": -most - 1, "maximum": most})
    };
    let item = |name: &str| typed(name, true, json!({}));
    match kind {
        Kind::Text | Kind::Json => typed("string", nullable, json!({})),
        Kind::Boolean => typed("boolean", nullable, json!({})),
        Kind::Integer => typed("integer", nullable, integer(32)),
        Kind::Long => typed("integer", nullable, integer(64)),
        Kind::Timestamp => typed("string", nullable, json!({"format": "date-time"})),
        Kind::TextList => typed("array", nullable, json!({"items": item("string")})),
        Kind::IntegerList => typed("array", nullable, json!({"items": item("integer")})),
        Kind::TextMap => typed("object", nullable, json!({"additionalProperties": item("string")})),
    }
}

fn typed(name: &str, nullable: bool, more: Value) -> Value {
    let kind = if nullable { json!([name, "null"]) } else { json!(name) };
    with(json!({"type": kind}), more)
}

fn described(schema: Value, description: &str) -> Value {
    with(schema, json!({"description": description}))
}

fn with(mut schema: Value, more: Value) -> Value {
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

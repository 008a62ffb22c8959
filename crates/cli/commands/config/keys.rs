//! The keys and tables of the config file, for the reference and for programs.

use serde::Serialize;

use crate::config::keys::{KEYS, Key, PROFILE, TABLES};

/// A key, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
pub(super) struct KeyText {
    key: &'static str,
    r#type: &'static str,
    option: &'static str,
    environment: &'static [&'static str],
    default: &'static str,
    description: &'static str,
}

/// A table of the file, for programs.
#[derive(Debug, Serialize)]
pub(super) struct TableText {
    table: &'static str,
    holds: &'static str,
    description: &'static str,
}

/// All keys and tables.
#[derive(Debug, Serialize)]
pub(super) struct Keys {
    keys: Vec<KeyText>,
    tables: Vec<TableText>,
}

pub(super) fn all() -> Keys {
    let text = |key: &Key| KeyText {
        key: key.name,
        r#type: key.kind.words(),
        option: key.option,
        environment: key.environment,
        default: key.default,
        description: key.description,
    };
    let tables = TABLES.iter().map(|table| TableText {
        table: table.name,
        holds: table.holds,
        description: table.description,
    });
    Keys { keys: KEYS.iter().chain([&PROFILE]).map(text).collect(), tables: tables.collect() }
}

pub(super) fn as_markdown() -> String {
    let Keys { keys, tables } = all();
    let mut lines = vec![
        "| key | type | option | environment | default | meaning |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(keys.iter().map(|key| {
        let variables = key.environment.iter().map(|name| format!("`{name}`"));
        format!(
            "| `{}` | {} | `{}` | {} | {} | {} |",
            key.key,
            key.r#type,
            key.option,
            variables.collect::<Vec<_>>().join(", "),
            key.default,
            key.description
        )
    }));
    lines.extend(["", "| table | holds | meaning |", "|---|---|---|"].map(str::to_owned));
    lines.extend(
        tables.iter().map(|table| {
            format!("| `{}` | {} | {} |", table.table, table.holds, table.description)
        }),
    );
    lines.join("\n") + "\n"
}

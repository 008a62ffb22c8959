//! The help texts, so that a change in them is seen, and what is derived from the column table.

use std::{fs, path::Path};

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn help() {
    let sandbox = Sandbox::new();
    assert_snapshot!("help", sandbox.run(&["--help"]).stdout);
    for command in [
        "convert",
        "report",
        "query",
        "shell",
        "export",
        "status",
        "explain-event",
        "compact",
        "vacuum",
        "verify",
        "repair",
        "recover",
        "table",
        "connect",
        "describe",
        "demo",
        "config",
        "completions",
        "man",
    ] {
        assert_snapshot!(format!("help_{command}"), sandbox.run(&[command, "--help"]).stdout);
    }
}

/// `just dictionary` updates the file.
#[test]
fn the_data_dictionary_is_up_to_date() {
    let described = Sandbox::new().run(&["describe", "columns"]).stdout;
    let columns = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/columns.md");
    let columns = fs::read_to_string(columns).unwrap();
    let (_, rest) = columns.split_once("<!-- ecstrail describe columns -->\n").unwrap();
    let (dictionary, _) = rest.split_once("<!-- end -->").unwrap();
    assert!(dictionary == described, "queries/columns.md is stale: run `just dictionary`");
}

#[test]
fn the_data_dictionary_for_programs() {
    let sandbox = Sandbox::with_samples();
    let schema = sandbox.run(&["describe", "columns", "--format", "json-schema"]).stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let described = sandbox.run(&["describe", "columns", "--format", "json"]).stdout;
    let described: Value = serde_json::from_str(&described).unwrap();
    let names = described["columns"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|column| column["name"].as_str().unwrap()).collect();
    let sql = "SELECT column_name FROM information_schema.columns WHERE table_name = 'events'";
    let asked = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv"]).stdout;
    assert_eq!(asked.lines().skip(1).collect::<Vec<_>>(), names);
    assert_eq!(schema["properties"].as_object().unwrap().len(), names.len());
    let required = schema["required"].as_array().unwrap();
    for column in described["columns"].as_array().unwrap() {
        let property = &schema["properties"][column["name"].as_str().unwrap()];
        assert_eq!(property["description"], column["description"]);
        assert_eq!(required.contains(&column["name"]), column["nullable"] == false);
        assert_eq!(property["type"].is_array(), column["nullable"] == true);
    }
}

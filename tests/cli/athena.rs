//! Statements that people bring from Athena and CloudTrail Lake, as queries/athena.md has them.

use std::{fmt::Write as _, fs, path::Path};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// The trail that the statements are asked of.
const TRAIL: &str = include_str!("athena/trail.json");

/// A heading of the page, and the statement below it.
fn statements(page: &str) -> Vec<(&str, &str)> {
    let (_, statements) = page.split_once("\n## Statements\n").unwrap();
    let sections = statements.split("\n### ").skip(1).map(|section| {
        let (title, text) = section.split_once('\n').unwrap();
        let (_, sql) = text.split_once("```sql\n").unwrap();
        (title, sql.split_once("```").unwrap().0)
    });
    sections.collect()
}

#[test]
fn statements_of_public_documents_run_but_for_names() {
    let sandbox = Sandbox::new();
    sandbox.write("trail/events.json", TRAIL);
    let converted = sandbox.run(&["convert", "trail", "--to", "dataset", "--event-source", "all"]);
    assert_eq!(converted.code, Some(0), "{converted}");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/athena.md");
    let page = fs::read_to_string(page).unwrap();
    let statements = statements(&page);
    assert!(statements.len() >= 15, "{}", statements.len());
    let mut told = String::new();
    for (title, sql) in statements {
        let answer = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{title}: {answer}");
        assert!(answer.stdout.lines().count() > 1, "{title} has no rows");
        writeln!(told, "{title}\n{}", answer.stdout).unwrap();
    }
    assert_snapshot!(told);
}

/// Every function that the page names is one, and is called as one.
#[test]
fn functions_of_the_page_exist() {
    let sandbox = Sandbox::with_samples();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries/athena.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, functions) = page.split_once("\n## Functions\n").unwrap();
    let (table, _) = functions.split_once("\n`SHOW FUNCTIONS`").unwrap();
    let sql = "SELECT DISTINCT routine_name FROM information_schema.routines";
    let known = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv"]).stdout;
    let known: Vec<_> = known.lines().collect();
    let mut count = 0;
    for name in table.split('`').skip(1).step_by(2).filter(|name| *name != "try_cast") {
        assert!(known.contains(&name), "{name}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

//! What the shell decides about what is typed, without a terminal.

use std::{ffi::OsStr, path::PathBuf};

#[path = "../../crates/cli/commands/shell/completion.rs"]
mod completion;
#[path = "../../crates/cli/commands/shell/dot_command.rs"]
mod dot_command;
#[path = "../../crates/cli/commands/shell/highlight.rs"]
mod highlight;
#[path = "../../crates/cli/commands/shell/history.rs"]
mod history;
#[path = "../../crates/cli/commands/shell/sql_completion.rs"]
mod sql_completion;
#[path = "../../crates/cli/commands/shell/statement.rs"]
mod statement;
#[path = "../../crates/cli/commands/shell/vocabulary.rs"]
mod vocabulary;

use completion::offer;
use dot_command::{DotCommand, parse, report_arguments, without_dot};
use highlight::highlighted;
use statement::{Entry, Missing, line_of, split};
use vocabulary::{Offer, ReportWords, TableWords, ValueContext, ValuesOf, Vocabulary};

#[test]
fn a_text_is_split_where_statements_end() {
    use Entry::{Command, Sql};
    let cases: [(&str, &[Entry<'_>], Option<Missing>); 21] = [
        ("", &[], None),
        (" \n ; ;\n", &[], None),
        ("SELECT 1;", &[Sql("SELECT 1")], None),
        ("SELECT 1 ; SELECT\n2;", &[Sql("SELECT 1"), Sql("SELECT\n2")], None),
        ("SELECT 1", &[], Some(Missing::Semicolon)),
        ("SELECT 1; SELECT 2", &[Sql("SELECT 1")], Some(Missing::Semicolon)),
        ("SELECT ';' ;", &[Sql("SELECT ';'")], None),
        ("SELECT 'it''s; it' ;", &[Sql("SELECT 'it''s; it'")], None),
        ("SELECT 'a;\n", &[], Some(Missing::Quote)),
        ("SELECT \"a;b\";", &[Sql("SELECT \"a;b\"")], None),
        ("SELECT \"a;", &[], Some(Missing::DoubleQuote)),
        ("SELECT 1 -- not; yet\n", &[], Some(Missing::Semicolon)),
        ("SELECT 1 -- not; yet\n;", &[Sql("SELECT 1 -- not; yet")], None),
        ("SELECT 1 /* ; /* ; */ ; */;", &[Sql("SELECT 1 /* ; /* ; */ ; */")], None),
        ("SELECT /* ;", &[], Some(Missing::EndOfComment)),
        ("-- why;\nSELECT 1;", &[Sql("SELECT 1")], None),
        ("-- why", &[], None),
        (".tables", &[Command(".tables")], None),
        (
            "/* so */ .read it's.sql\nSELECT 'a';\n.mode csv  \nSELECT 2;",
            &[Command(".read it's.sql"), Sql("SELECT 'a'"), Command(".mode csv"), Sql("SELECT 2")],
            None,
        ),
        ("SELECT 1; .timer on", &[Sql("SELECT 1"), Command(".timer on")], None),
        ("SELECT a\n.b;", &[Sql("SELECT a\n.b")], None),
    ];
    for (text, expected, missing) in cases {
        let input = split(text);
        let entries: Vec<_> = input.entries.iter().map(|(_, entry)| *entry).collect();
        assert_eq!((&entries[..], input.missing), (expected, missing), "{text:?}");
    }
    let text = "SELECT 1;\n\nSELECT\n 2;";
    let lines = split(text).entries.into_iter().map(|(at, _)| line_of(text, at));
    assert_eq!(lines.collect::<Vec<_>>(), [1, 3]);
    let prompts = [Missing::Semicolon, Missing::Quote, Missing::DoubleQuote, Missing::EndOfComment]
        .map(Missing::prompt);
    assert_eq!(prompts, ["     ...> ", "       '> ", "       \"> ", "      /*> "]);
}

#[test]
fn commands_are_read() {
    let report = |name: &str, arguments: &[&str]| DotCommand::Report {
        name: name.to_owned(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    };
    for (line, expected) in [
        (".help", DotCommand::Help(None)),
        (".HELP .mode;", DotCommand::Help(Some(".mode".to_owned()))),
        (".tables ;", DotCommand::Tables),
        (".columns cluster%", DotCommand::Columns(Some("cluster%".to_owned()))),
        (".reports exec sessions", DotCommand::Reports(Some("exec sessions".to_owned()))),
        (".report", DotCommand::Reports(None)),
        (".report rollbacks", report("rollbacks", &[])),
        (
            ".report deployments from=7d actor='Jo Do' x=a\\ b",
            report("deployments", &["from=7d", "actor=Jo Do", "x=a b"]),
        ),
        (".mode csv", DotCommand::Mode(Some("csv".to_owned()))),
        (".timer", DotCommand::Timer(None)),
        (".timer on", DotCommand::Timer(Some(true))),
        (".timer off;", DotCommand::Timer(Some(false))),
        (".output", DotCommand::Output(None)),
        (".output \"my file.csv\"", DotCommand::Output(Some("my file.csv".into()))),
        (".read a\\ b.sql", DotCommand::Read("a b.sql".into())),
        (".explain SELECT 'a b'", DotCommand::Explain(Some("SELECT 'a b'".to_owned()))),
        (".explain", DotCommand::Explain(None)),
        (".set", DotCommand::Set(None)),
        (".set $x='a b'", DotCommand::Set(Some(("x".to_owned(), "a b".to_owned())))),
        (".refresh", DotCommand::Refresh),
        (".quit", DotCommand::Quit),
        (".exit;", DotCommand::Quit),
    ] {
        assert_eq!(parse(line), Ok(expected), "{line}");
    }
    for (line, problem) in [
        (".tabels", "unknown command \".tabels\": did you mean `.tables`?"),
        (".rep", "unknown command \".rep\": did you mean `.report`?"),
        (".schema events", "unknown command \".schema\": did you mean `.columns`?"),
        (".frobnicate", "unknown command \".frobnicate\": `.help` shows the commands"),
        (".", "unknown command \".\": `.help` shows the commands"),
        (".timer maybe", ".timer is on or off, and not \"maybe\""),
        (".read", ".read needs a file: `.read FILE`"),
        (".set x", "\"x\" is not NAME=VALUE"),
        (".tables now", ".tables takes nothing behind it, and \"now\" is there"),
        (".mode csv tsv", ".mode takes one word, and \"tsv\" is another: put quotes around both"),
        (".report x a='b", ".report: a quote is not closed: close it, or put \\ before it"),
    ] {
        assert_eq!(parse(line), Err(problem.to_owned()), "{line}");
    }
    for command in &dot_command::COMMANDS {
        assert!(!command.about.is_empty() && command.about.len() < 70, "{}", command.name);
        let problem = parse(command.name).err().unwrap_or_default();
        assert!(!problem.starts_with("unknown"), "{problem}");
    }
    assert_eq!(without_dot(" EXIT; "), Some(DotCommand::Quit));
    assert_eq!(without_dot("\\q"), Some(DotCommand::Quit));
    assert_eq!(without_dot("help"), Some(DotCommand::Help(None)));
    assert_eq!(without_dot("SELECT 1;"), None);
}

#[test]
fn arguments_of_reports_are_read_in_both_ways() {
    let read = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        report_arguments(&words, |name| name == "only_failed")
    };
    let given = |pairs: &[(&str, &str)]| {
        Ok(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    };
    assert_eq!(read(&[]), given(&[]));
    assert_eq!(read(&["from=7d", "a=b=c"]), given(&[("from", "7d"), ("a", "b=c")]));
    assert_eq!(
        read(&["--from", "7d", "--min-role-calls=3", "--only-failed", "--set", "region=eu-west-1"]),
        given(&[
            ("from", "7d"),
            ("min_role_calls", "3"),
            ("only_failed", "true"),
            ("region", "eu-west-1"),
        ])
    );
    for (words, problem) in [
        (&["7d"][..], "\"7d\" is not KEY=VALUE, such as `from=7d`"),
        (&["--from"], "--from has no value: give one, such as `from=…`"),
        (&["from="], "parameter from is empty: give it a value, or leave it out"),
        (&["from=1", "--from", "2"], "parameter from is given twice: give it once"),
    ] {
        assert_eq!(read(words), Err(problem.to_owned()), "{words:?}");
    }
}

fn vocabulary() -> Vocabulary {
    let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let events = ["actor", "channel", "cluster_name", "event_name", "event_time"];
    Vocabulary {
        tables: vec![
            TableWords { name: "events".to_owned(), columns: words(&events) },
            TableWords {
                name: "tasks".to_owned(),
                columns: [words(&["task_arn", "task_id"]), words(&events)].concat(),
            },
        ],
        functions: words(&["array_length", "count"]),
        reports: vec![
            ReportWords {
                name: "deployments".to_owned(),
                parameters: vec![
                    ("from".to_owned(), ValuesOf::Words(&["today", "7d"])),
                    ("service".to_owned(), ValuesOf::Expression("service_name")),
                    ("min_calls".to_owned(), ValuesOf::Anything),
                ],
            },
            ReportWords { name: "denied-calls".to_owned(), parameters: Vec::new() },
        ],
        formats: vec!["table", "csv"],
    }
}

/// Completes where `|` is, and shows the text that would be replaced, and the words.
fn offered(marked: &str) -> String {
    let cursor = marked.find('|').unwrap();
    let text = marked.replacen('|', "", 1);
    match offer(&text, cursor, &vocabulary()) {
        Offer::Words { words, .. } if words.is_empty() => String::new(),
        Offer::Words { start, words } => format!("{}: {}", &text[start..cursor], words.join(" ")),
        Offer::Values { start, expression, prefix, context } => {
            let context = if context == ValueContext::Argument { "argument" } else { "text" };
            format!("{}: {context} {expression} {prefix}", &text[start..cursor])
        }
        Offer::File => "a file".to_owned(),
    }
}

#[test]
fn what_is_offered() {
    for (marked, expected) in [
        // SQL.
        ("S|", "S: SELECT SHOW"),
        ("sel|", "sel: select"),
        ("SELECT act|", "act: actor"),
        ("SELECT ACT|", "ACT: actor"),
        ("SELECT c|", "c: channel cluster_name count( case cast cross current"),
        ("SELECT task|", "task: task_arn task_id"),
        ("SELECT task| FROM events", ""),
        ("SELECT task| FROM tasks", "task: task_arn task_id tasks"),
        ("SELECT event_n|ame FROM events", "event_n: event_name"),
        ("SELECT count(act|", "act: actor"),
        ("SELECT actor F|", "F: FALSE FETCH FILTER FIRST FOLLOWING FROM FULL"),
        ("select actor f|", "f: false fetch filter first following from full"),
        ("SELECT 1 FROM |", ": events tasks"),
        ("SELECT 1 FROM e|", "e: events"),
        ("SELECT 1 FROM events, t|", "t: tasks"),
        ("SELECT 1 FROM events JOIN t|", "t: tasks"),
        ("WITH recent AS (SELECT 1) SELECT * FROM r|", "r: recent"),
        ("SELECT e.| FROM events e", ": actor channel cluster_name event_name event_time"),
        ("SELECT e.ch| FROM events AS e", "ch: channel"),
        ("SELECT tasks.task_i|", "task_i: task_id"),
        ("SELECT nobody.a|", ""),
        ("SELECT 1; SELECT act|", "act: actor"),
        ("SELECT 1 FROM events; SELECT task|", "task: task_arn task_id"),
        ("SELECT 'act|", ""),
        ("SELECT 1 -- act|", ""),
        ("SELECT 1 /* act|", ""),
        ("DESCRIBE t|", "t: tasks"),
        // Values in texts.
        ("SELECT 1 FROM events WHERE event_name = 'Upd|", "Upd: text event_name Upd"),
        ("SELECT 1 FROM events WHERE event_name='Upd|'", "Upd: text event_name Upd"),
        ("… WHERE e.event_name IN ('RunTask', 'It''s|", "It''s: text event_name It's"),
        ("… WHERE event_name NOT LIKE '|", ": text event_name "),
        ("… WHERE unknown = 'x|", ""),
        // Commands.
        (".re|", ".re: .reports  .report  .read  .refresh"),
        (".timer o|", "o: on off"),
        (".mode c|", "c: csv"),
        (".columns event_|", "event_: event_name event_time"),
        (".help .ti|", ".ti: .timer"),
        (".help den|", "den: denied-calls"),
        (".read x|", "a file"),
        (".output |", "a file"),
        (".tables |", ""),
        (".report d|", "d: deployments  denied-calls"),
        (".report deployments |", ": from= service= min_calls="),
        (".report deployments from=7d s|", "s: service="),
        (".report deployments from=7d f|", ""),
        (".report deployments --min|", "--min: --min-calls="),
        (".report deployments from=|", ": today 7d"),
        (".report deployments --from=t|", "t: today"),
        (".report deployments service=bil|", "bil: argument service_name bil"),
        (".report deployments service='my bil|", "'my bil: argument service_name my bil"),
        (".report deployments min_calls=1|", ""),
        (".report nothing f|", ""),
        (".explain SELECT ch|", "ch: channel"),
    ] {
        let shown = offered(marked);
        assert_eq!(shown.trim_end(), expected.trim_end(), "{marked}");
    }
}

#[test]
fn every_prefix_of_a_text_can_be_completed_and_colored() {
    for text in [
        "SELECT \"é\", 'it''s' -- 日本\nFROM events e WHERE e.x IN ('a', $b) /* c */ AND (1 < [2]);",
        ".report deployments from='7 d' --x=\"y\\\"z\" é=日本",
        ".explain SELECT 'x",
    ] {
        for (cursor, _) in text.char_indices() {
            offer(text, cursor, &vocabulary());
            offer(&text[..cursor], cursor, &vocabulary());
            let shown = highlighted("", &text[..cursor], Some(cursor));
            assert_eq!(without_colors(&shown), text[..cursor]);
            let shown = highlighted("SELECT 'open\n", text, Some(cursor));
            assert_eq!(without_colors(&shown), text);
        }
    }
}

fn without_colors(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
}

#[test]
fn what_is_typed_has_colors() {
    for (before, line, cursor, expected) in [
        ("", "SELECT a", None, "<1;34>SELECT<0> a"),
        ("", "x = 'é' -- n", None, "x = <32>'é'<0> <90>-- n<0>"),
        ("", "$a < 1.5", None, "<35>$a<0> < <36>1.5<0>"),
        ("SELECT 'a\n", "b' FROM", None, "<32>b'<0> <1;34>FROM<0>"),
        ("", "f((a))", Some(6), "f<1;7>(<0>(a)<1;7>)<0>"),
        ("", "f((a))", Some(2), "f(<1;7>(<0>a<1;7>)<0>)"),
        ("", "f((a)", Some(1), "f((a)"),
        ("", "')' )", Some(1), "<32>')'<0> )"),
        ("", ".mode csv", None, "<1>.mode<0> csv"),
        ("", "", Some(0), ""),
    ] {
        let shown = highlighted(before, line, cursor);
        let marked = shown.replace("\x1b[", "<").replace('m', ">");
        // The letter m of the text is none of an escape.
        let expected = expected.replace('m', ">");
        assert_eq!(marked, expected, "{line}");
    }
}

#[test]
fn the_history_is_in_the_folder_for_state() {
    for (named, state, home, expected) in [
        (None, None, Some("/home/jo"), Some("/home/jo/.local/state/ecstrail/history")),
        (None, Some("/state"), Some("/home/jo"), Some("/state/ecstrail/history")),
        (None, Some("state"), Some("/home/jo"), Some("/home/jo/.local/state/ecstrail/history")),
        (None, Some(""), None, None),
        (None, None, Some("home"), None),
        (None, None, None, None),
        (Some("/x/typed"), Some("/state"), Some("/home/jo"), Some("/x/typed")),
        (Some(""), Some("/state"), Some("/home/jo"), None),
    ] {
        let [named, state, home] =
            [named, state, home].map(|text: Option<&str>| text.map(OsStr::new));
        assert_eq!(history::file(named, state, home), expected.map(PathBuf::from));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a/b/history");
    assert!(history::prepare(&file));
    assert!(file.parent().unwrap().is_dir());
    assert!(!history::prepare(folder.path()), "a folder is no history");
    assert!(history::prepare(std::path::Path::new("/proc/nowhere/history")));
    let bytes = history::MOST_ENTRIES * history::LONGEST_ENTRY;
    assert!(bytes <= 16 << 20, "{bytes}");
}

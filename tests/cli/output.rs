//! Where `query` and `report` write rows, and what their number says.

use std::{
    fs,
    io::Read,
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
};

use arrow::ipc::reader::FileReader;
use bytes::Bytes;
use insta::assert_snapshot;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::sandbox::{Answer, Sandbox};

const COUNT: &str = "SELECT count(*) AS events FROM events";
const MANY: &str = "SELECT a.* FROM events a CROSS JOIN events b";

fn query(sandbox: &Sandbox, sql: &str, more: &[&str]) -> Answer {
    sandbox.run(&[&["query", sql, "-d", "dataset"], more].concat())
}

/// The names of what stands beside the dataset.
fn found(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name != "dataset").collect();
    names.sort();
    names
}

#[test]
fn rows_go_to_a_file() {
    let sandbox = Sandbox::with_samples();
    sandbox.write("count.sql", COUNT);
    let answer =
        sandbox.run(&["query", "--file", "count.sql", "-d", "dataset", "-f", "csv", "-o", "count"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""), "{answer}");
    assert_eq!(fs::read_to_string(sandbox.path("count")).unwrap(), "events\r\n429\r\n");
    assert_eq!(found(&sandbox), ["count", "count.sql"]);
}

#[test]
fn the_files_name_tells_the_format() {
    let sandbox = Sandbox::with_samples();
    for (file, expected) in [
        ("count.txt", "events\n------\n   429\n"),
        ("count.CSV", "events\r\n429\r\n"),
        ("count.tsv", "events\n429\n"),
        ("count.json", "[\n{\"events\":429}\n]\n"),
        ("count.jsonl", "{\"events\":429}\n"),
        ("count.ndjson", "{\"events\":429}\n"),
        ("count.md", "| events |\n| ---: |\n| 429 |\n"),
    ] {
        let answer = query(&sandbox, COUNT, &["--output", file]);
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_eq!(fs::read_to_string(sandbox.path(file)).unwrap(), expected);
    }
    let answer = query(&sandbox, COUNT, &["-o", "count.md", "-f", "jsonl"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(fs::read_to_string(sandbox.path("count.md")).unwrap(), "{\"events\":429}\n");
    assert_snapshot!("no_ending", query(&sandbox, COUNT, &["-o", "count.xlsx"]));
}

#[test]
fn other_engines_get_files() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT event_time, event_name, desired_count, container_names, tags FROM events";
    for file in ["rows.parquet", "rows.arrow"] {
        let answer = query(&sandbox, sql, &["-o", file]);
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    let bytes = fs::read(sandbox.path("rows.parquet")).unwrap();
    let parquet = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
    let parquet: Vec<_> = parquet.build().unwrap().map(Result::unwrap).collect();
    let file = fs::File::open(sandbox.path("rows.arrow")).unwrap();
    let arrow: Vec<_> = FileReader::try_new(file, None).unwrap().map(Result::unwrap).collect();
    let rows = |batches: &[arrow::array::RecordBatch]| -> usize {
        batches.iter().map(arrow::array::RecordBatch::num_rows).sum()
    };
    assert_eq!((rows(&parquet), rows(&arrow)), (429, 429));
    assert_eq!(parquet[0].schema(), arrow[0].schema());
    assert_eq!(arrow[0].schema().field(2).name(), "desired_count");
}

#[test]
fn bytes_go_through_a_pipe_as_into_a_file() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT event_id, event_time FROM events ORDER BY event_id";
    for format in ["parquet", "arrow"] {
        let file = format!("rows.{format}");
        assert_eq!(query(&sandbox, sql, &["-o", &file]).code, Some(0));
        let piped =
            sandbox.command(&["query", sql, "-d", "dataset", "-f", format]).output().unwrap();
        assert!(piped.stdout == fs::read(sandbox.path(&file)).unwrap(), "{format}");
    }
}

#[test]
fn a_failed_run_leaves_nothing_and_a_whole_one_replaces() {
    let sandbox = Sandbox::with_samples();
    sandbox.write("rows.jsonl", "as it was");
    fs::set_permissions(sandbox.path("rows.jsonl"), PermissionsExt::from_mode(0o600)).unwrap();
    // The first rows are there before a value fails.
    let fails = "SELECT CASE WHEN n < 100000 THEN n ELSE 1 / (n - n) END FROM \
                 (SELECT unnest(range(0, 200000)) AS n)";
    for file in ["rows.jsonl", "new.parquet", "new.csv"] {
        let answer = query(&sandbox, fails, &["-o", file]);
        assert_eq!(answer.code, Some(1), "{answer}");
        assert_eq!(
            answer.stderr,
            "ecstrail: cannot run the query: division by zero: write a / nullif(b, 0), which is NULL where b is 0\n"
        );
    }
    assert_eq!(found(&sandbox), ["rows.jsonl"]);
    assert_eq!(fs::read_to_string(sandbox.path("rows.jsonl")).unwrap(), "as it was");

    assert_eq!(query(&sandbox, COUNT, &["-o", "rows.jsonl"]).code, Some(0));
    assert_eq!(query(&sandbox, COUNT, &["-o", "new.csv"]).code, Some(0));
    assert_eq!(fs::read_to_string(sandbox.path("rows.jsonl")).unwrap(), "{\"events\":429}\n");
    let mode = |file| fs::metadata(sandbox.path(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("rows.jsonl"), 0o600);
    assert_ne!(mode("new.csv"), 0o600, "the umask decides on new files");
    assert_snapshot!("no_folder", query(&sandbox, COUNT, &["-o", "nowhere/rows.csv"]));
}

#[test]
fn what_is_no_regular_file_is_written_in_place() {
    let sandbox = Sandbox::with_samples();
    let answer = query(&sandbox, COUNT, &["-o", "/dev/stdout", "-f", "jsonl"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "{\"events\":429}\n"), "{answer}");

    sandbox.write("real.csv", "");
    symlink("real.csv", sandbox.path("link.csv")).unwrap();
    assert_eq!(query(&sandbox, COUNT, &["-o", "link.csv"]).code, Some(0));
    assert!(fs::symlink_metadata(sandbox.path("link.csv")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(sandbox.path("real.csv")).unwrap(), "events\r\n429\r\n");

    assert!(Command::new("mkfifo").arg(sandbox.path("fifo.csv")).status().unwrap().success());
    let writer = sandbox.command(&["query", COUNT, "-d", "dataset", "-o", "fifo.csv"]).spawn();
    assert_eq!(fs::read_to_string(sandbox.path("fifo.csv")).unwrap(), "events\r\n429\r\n");
    assert!(writer.unwrap().wait().unwrap().success());
}

#[test]
fn many_rows_are_a_failure_if_asked() {
    let sandbox = Sandbox::with_samples();
    let three = "SELECT event_id FROM events LIMIT 3";
    for (threshold, code) in [("3", 4), ("1", 4), ("4", 0)] {
        for format in ["csv", "table", "parquet"] {
            let more = ["--fail-if-rows", threshold, "-f", format, "-o", "rows"];
            let answer = query(&sandbox, three, &more);
            assert_eq!(answer.code, Some(code), "{answer}");
            assert!(fs::metadata(sandbox.path("rows")).unwrap().len() > 30);
        }
    }
    let report = ["report", "denied-calls", "-d", "dataset", "--fail-if-rows", "1", "-f", "csv"];
    let answer = sandbox.run(&report);
    assert_eq!(answer.code, Some(4), "{answer}");
    assert!(answer.stdout.starts_with("account,actor,"), "{answer}");
    assert_eq!(query(&sandbox, three, &["--fail-if-rows", "0"]).code, Some(2));
}

#[test]
fn the_first_rows_are_those_of_the_whole_answer() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT event_time, event_id FROM events ORDER BY event_time DESC, event_id";
    let all = query(&sandbox, sql, &["-f", "csv"]);
    assert_eq!(all.stderr, "", "nothing new is told to a pipe");
    for limit in [1, 10, 428] {
        let some = query(&sandbox, sql, &["-f", "csv", "--limit", &limit.to_string()]);
        let lines: String = all.stdout.split_inclusive('\n').take(1 + limit).collect();
        assert_eq!((some.code, some.stdout), (Some(0), lines));
        assert_eq!(some.stderr, format!("first {limit} of 429 rows\n"));
    }
    for limit in ["429", "430"] {
        let every = query(&sandbox, sql, &["-f", "csv", "--limit", limit]);
        assert_eq!((every.stdout, every.stderr), (all.stdout.clone(), String::new()));
    }
    let file = query(&sandbox, sql, &["--limit", "2", "-o", "rows.jsonl"]);
    assert_eq!(file.stderr, "first 2 of 429 rows\n");
    assert_eq!(fs::read_to_string(sandbox.path("rows.jsonl")).unwrap().lines().count(), 2);
    assert_eq!(query(&sandbox, sql, &["--limit", "0"]).code, Some(2));
    let report = ["report", "deployments", "-d", "dataset", "-f", "csv", "--limit", "3"];
    let report = sandbox.run(&report);
    assert_eq!(report.stdout.lines().count(), 4, "{report}");
}

#[test]
fn a_limit_hides_no_row_from_a_gate() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT event_id FROM events ORDER BY event_id";
    for (threshold, code) in [("2", 4), ("3", 4), ("429", 4), ("430", 0)] {
        for format in ["csv", "table", "parquet"] {
            let more = ["--limit", "2", "--fail-if-rows", threshold, "-f", format, "-o", "rows"];
            let answer = query(&sandbox, sql, &more);
            assert_eq!(answer.code, Some(code), "{answer}");
        }
    }
}

#[test]
fn a_pager_is_for_terminals() {
    let sandbox = Sandbox::with_samples();
    for format in ["table", "csv", "json"] {
        let arguments = ["query", MANY, "-d", "dataset", "--limit", "500", "-f", format];
        let mut command = sandbox.command(&arguments);
        let output = command.env("PAGER", "touch paged; cat").output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout.len() > 1000);
    }
    assert_eq!(found(&sandbox), Vec::<String>::new());
}

#[test]
fn formulas_stay_if_asked() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT '=1+1' AS a, -1 AS b";
    for (format, inert, raw) in [
        ("csv", "a,b\r\n'=1+1,-1\r\n", "a,b\r\n=1+1,-1\r\n"),
        ("tsv", "a\tb\n'=1+1\t-1\n", "a\tb\n=1+1\t-1\n"),
    ] {
        assert_eq!(query(&sandbox, sql, &["-f", format]).stdout, inert);
        assert_eq!(query(&sandbox, sql, &["-f", format, "--csv-raw"]).stdout, raw);
    }
    assert_snapshot!("raw_json", query(&sandbox, sql, &["-f", "json", "--csv-raw"]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sandbox = Sandbox::with_samples();
    for format in ["table", "csv", "tsv", "json", "jsonl", "markdown", "parquet", "arrow"] {
        let mut child =
            sandbox.command(&["query", MANY, "-d", "dataset", "-f", format]).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 4]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn rows_are_counted_though_the_reader_is_gone() {
    let sandbox = Sandbox::with_samples();
    let sql = "SELECT unnest(range(0, 200000)) AS number";
    for (threshold, code) in [("200000", 4), ("200001", 0)] {
        let arguments = ["query", sql, "-d", "dataset", "-f", "csv", "--fail-if-rows", threshold];
        let mut child = sandbox.command(&arguments).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 4]).unwrap();
        drop(stdout);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{threshold}");
    }
}

#[test]
fn a_run_that_is_asked_to_stop_leaves_nothing() {
    let sandbox = Sandbox::with_samples();
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut child =
            sandbox.command(&["query", MANY, "-d", "dataset", "-o", "many.csv"]).spawn().unwrap();
        while !found(&sandbox).iter().any(|name| name.starts_with(".ecstrail-")) {
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::yield_now();
        }
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(found(&sandbox), Vec::<String>::new());
    }
}

//! Small files that would make many: each day and region is a file of its own.

use std::io::Write;

use crate::sandbox::Sandbox;

fn record(id: usize, day: &str, region: &str) -> String {
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"{day}T10:00:00Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"{region}","eventID":"{id}"}}"#
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

const HONEST: &str = "111122223333_CloudTrail_us-east-1_20260427T0220Z_AbCdEfGhIjKlMnOp.json.gz";

#[test]
fn a_partition_bomb_is_rejected_and_the_trail_converted() {
    let sandbox = Sandbox::new();
    let honest: Vec<_> = (0..5).map(|id| record(id, "2026-04-27", "us-east-1")).collect();
    sandbox.write(&format!("trail/{HONEST}"), gzip(&honest.join("\n")));
    let bomb: Vec<_> = (0..10_000)
        .map(|number| {
            let (year, month, day) =
                (2010 + number / 336 % 60, 1 + number / 28 % 12, 1 + number % 28);
            record(100 + number, &format!("{year}-{month:02}-{day:02}"), "aa-b-1")
        })
        .collect();
    let bomb = gzip(&bomb.join("\n"));
    assert!(bomb.len() < 100 << 10, "{}", bomb.len());
    sandbox.write("trail/bomb.json.gz", bomb);

    let convert = |more: &[&str]| {
        let arguments = ["convert", "trail", "--to", "dataset", "--format", "json"];
        sandbox.run(&[&arguments, more].concat())
    };
    let answer = convert(&["--max-partitions", "8"]);
    assert_eq!(answer.code, Some(3), "{answer}");
    for part in
        ["\"rows\":12,", "\"rejects\":9993,", "\"too_many_partitions\":9993", "\"data_files\":8,"]
    {
        assert!(answer.stdout.contains(part), "{part}: {answer}");
    }
    assert!(answer.stderr.contains("raise --max-partitions"), "{answer}");
    let sql = "SELECT region, count(*) AS calls FROM events GROUP BY region ORDER BY region";
    let rows = sandbox.run(&["query", sql, "-d", "dataset", "-f", "csv"]);
    assert_eq!(
        rows.stdout.lines().collect::<Vec<_>>(),
        ["region,calls", "aa-b-1,7", "us-east-1,5"]
    );

    // More of them, once they are wanted; and what is there, is there.
    let answer = convert(&["--max-partitions", "20", "--reread"]);
    assert!(answer.stdout.contains("\"rows\":12,\"filtered\":0,\"duplicates\":12,"), "{answer}");
    let answer = convert(&["--max-partitions", "0"]);
    assert_eq!(answer.code, Some(2), "{answer}");
    let answer = convert(&["--reread", "--max-partitions", "8", "--max-rejects", "5%"]);
    assert_eq!(answer.code, Some(1), "{answer}");
}

#[test]
fn records_of_days_far_from_the_log_file_s_are_reported() {
    for (day, is_odd) in [
        ("2026-04-27", false),
        ("2026-04-28", false),
        ("2026-04-01", false),
        ("2026-03-01", true),
        ("2026-05-27", true),
        ("2093-01-01", true),
    ] {
        let sandbox = Sandbox::new();
        let records = [record(1, "2026-04-27", "us-east-1"), record(2, day, "us-east-1")];
        sandbox.write(&format!("trail/{HONEST}"), gzip(&records.join("\n")));
        sandbox.write(
            "trail/export.json",
            records.join("\n").replace("\"eventID\":\"", "\"eventID\":\"x"),
        );
        let answer = sandbox.run(&["convert", "trail", "--to", "dataset"]);
        assert_eq!(answer.code, Some(0), "{day}: {answer}");
        let told =
            format!("suspicious file: {HONEST}: records of days far from the one in its name");
        assert_eq!(answer.stderr.contains(&told), is_odd, "{day}: {answer}");
        assert_eq!(answer.stderr.matches("suspicious file").count(), usize::from(is_odd), "{day}");
    }
}

use ecstrail_converter::{COLUMNS, PARTITION_COLUMNS};

use super::*;

fn source(home: &str, has_delta_log: bool) -> TableSource {
    TableSource {
        home: home.to_owned(),
        has_delta_log,
        first_day: "2026-04-27".parse().ok(),
        regions: ["us-east-1", "unknown"].map(str::to_owned).into(),
        database: "trails".to_owned(),
    }
}

#[test]
fn every_engine_finds_the_data_of_every_home() {
    for home in ["s3://bucket/some/prefix", "s3://bucket", "/data/set"] {
        for engine in TableEngine::ALL {
            for has_delta_log in [false, true] {
                let text = source(home, has_delta_log).text(engine, &Catalog::default());
                if engine.is_remote() && home.starts_with('/') {
                    let error = text.unwrap_err().to_string();
                    assert!(error.contains(engine.name()) && error.contains(home), "{error}");
                    continue;
                }
                let text = text.unwrap();
                let is_url = engine == TableEngine::ClickHouse && home.starts_with("s3://");
                let named = if is_url {
                    home.replace("s3://bucket", "https://bucket.s3.amazonaws.com")
                } else {
                    home.to_owned()
                };
                assert!(text.contains(&named), "{engine}: {text}");
                assert_eq!(text.contains("/events"), !has_delta_log, "{engine}: {text}");
                assert!(!text.contains("//events"), "{engine}: {text}");
            }
        }
    }
}

#[test]
fn catalogs_are_told_every_column_with_its_meaning() {
    for engine in [TableEngine::Athena, TableEngine::Spark, TableEngine::Trino] {
        let text = source("s3://bucket/prefix", false).text(engine, &Catalog::default()).unwrap();
        for column in COLUMNS {
            let line = text.lines().find(|line| {
                let line = line.trim_start();
                ["`", "\""]
                    .iter()
                    .any(|quote| line.starts_with(&format!("{quote}{}{quote} ", column.name)))
            });
            assert!(line.is_some_and(|line| line.contains("COMMENT")), "{engine}: {}", column.name);
        }
        for column in PARTITION_COLUMNS {
            assert!(text.contains(column.description), "{engine}: {}", column.name);
        }
    }
    // AWS Glue takes no longer comment on a column
    // (<https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html>).
    let longest = COLUMNS.iter().map(|column| column.description.len()).max();
    assert!(longest <= Some(255), "{longest:?}");
    let athena =
        source("s3://bucket/prefix", false).text(TableEngine::Athena, &Catalog::default()).unwrap();
    for property in [
        "'projection.date.range' = '2026-04-27,NOW+1DAY'",
        "'projection.region.values' = 'unknown,us-east-1'",
        "'s3://bucket/prefix/events/date=${date}/region=${region}/'",
    ] {
        assert!(athena.contains(property), "{property}");
    }
}

#[test]
fn a_dataset_without_events_has_no_regions_to_tell() {
    let empty = TableSource {
        first_day: None,
        regions: BTreeSet::new(),
        ..source("s3://bucket/prefix", false)
    };
    let error = empty.text(TableEngine::Athena, &Catalog::default()).unwrap_err().to_string();
    assert!(error.contains("has no events yet"), "{error}");
    assert!(empty.text(TableEngine::DuckDb, &Catalog::default()).is_ok());
}

#[test]
fn names_of_folders_do_not_end_a_text() {
    let home = "/it's \"here\"\\";
    for (engine, expected) in [
        (TableEngine::DuckDb, "'/it''s \"here\"\\/events"),
        (TableEngine::ClickHouse, "'/it\\'s \"here\"\\\\/events"),
        (TableEngine::Spark, "'/it\\'s \"here\"\\\\/events"),
        (TableEngine::Polars, "\"/it's \\\"here\\\"\\\\/events"),
    ] {
        let text = source(home, false).text(engine, &Catalog::default()).unwrap();
        assert!(text.contains(expected), "{engine}: {text}");
    }
}

#[test]
fn engines_have_one_name() {
    for engine in TableEngine::ALL {
        assert_eq!(engine.name().parse(), Ok(engine));
    }
    let error = "excel".parse::<TableEngine>().unwrap_err().to_string();
    for engine in TableEngine::ALL {
        assert!(error.contains(engine.name()), "{error}");
    }
}

use std::collections::BTreeMap;

use ecstrail_converter::{COLUMNS, Kind, PARTITION_COLUMNS};
use serde_json::Value;

use super::*;

fn source(home: &str, has_delta_log: bool) -> TableSource {
    TableSource {
        home: home.to_owned(),
        has_delta_log,
        has_older_files: false,
        endpoint: None,
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
                if [TableEngine::Glue, TableEngine::CloudFormation].contains(&engine)
                    && has_delta_log
                {
                    let error = text.unwrap_err().to_string();
                    assert!(error.contains("--engine athena"), "{error}");
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
fn engines_that_take_one_files_schema_are_told_of_older_files() {
    for engine in TableEngine::ALL {
        for has_delta_log in [false, true] {
            let source = TableSource {
                has_older_files: true,
                ..source("s3://bucket/prefix", has_delta_log)
            };
            let takes_one = [TableEngine::Polars, TableEngine::Pandas].contains(&engine);
            let Ok(text) = source.text(engine, &Catalog::default()) else { continue };
            assert_eq!(text.contains("compact --upgrade"), takes_one && !has_delta_log, "{engine}");
        }
    }
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

/// A report whose parameters have every kind of default, one of them in a condition on groups.
const ERRORS: &str = "-- title: Errors\n\
    -- param actor text: Caller\n\
    -- param since date default 7d: First day\n\
    -- param least integer default 3: Errors\n\
    -- param source event_source default null: Source\n\
    SELECT error_code, count(*) AS calls, 'p_actor' AS told FROM events\n\
    WHERE actor = $actor AND date >= $since AND ($source IS NULL OR event_source = $source)\n\
    GROUP BY error_code HAVING count(*) >= $least ORDER BY error_code";

fn catalog() -> Catalog {
    let calls = "-- title: It's calls\nSELECT count(*) AS calls FROM events";
    Catalog::of([("errors-of", ERRORS), ("calls", calls)])
}

#[test]
fn reports_are_prepared_statements_with_their_parameters_in_order() {
    for engine in [TableEngine::Athena, TableEngine::Trino] {
        let text = reports_as_statements(engine, &catalog()).unwrap();
        let using = "-- EXECUTE errors_of USING actor, since, source, source, least\n\
                     PREPARE errors_of FROM\nSELECT";
        assert!(text.contains(using), "{text}");
        assert!(text.contains("-- EXECUTE calls\nPREPARE calls FROM\nSELECT"), "{text}");
        assert_eq!(text.matches('?').count(), 5);
    }
}

#[test]
fn reports_are_macros_with_the_defaults_that_stay_true() {
    let text = reports_as_statements(TableEngine::DuckDb, &catalog()).unwrap();
    let expected = "MACRO \"errors_of\"(p_actor, p_since, p_least := 3, p_source := NULL) AS TABLE";
    assert!(text.contains(expected), "{text}");
    let read = "count(*) >= CAST((SELECT \"least\" FROM macro_parameters) AS BIGINT)";
    assert!(text.contains(read), "{text}");
    assert!(text.contains("actor = CAST(p_actor AS VARCHAR)"), "{text}");
    assert!(text.contains("'p_actor' AS told"), "{text}");
    assert!(text.contains("COMMENT ON MACRO TABLE \"calls\" IS 'It''s calls';"), "{text}");
    assert!(!text.contains('$'), "{text}");
}

#[test]
fn not_every_engine_keeps_reports_and_none_two_of_a_name() {
    for engine in TableEngine::ALL {
        let kept = reports_as_statements(engine, &catalog());
        if let Err(error) = kept {
            assert!(error.to_string().contains("ecstrail report NAME --sql"), "{error}");
        }
    }
    let select = "-- title: One\nSELECT count(*) AS calls FROM events";
    let twice = Catalog::of([("a-b", select), ("a_b", select)]);
    let error = reports_as_statements(TableEngine::DuckDb, &twice).unwrap_err().to_string();
    assert!(error.contains("\"a-b\" and \"a_b\""), "{error}");
    let cases = Catalog::of([("foo", select), ("Foo", select)]);
    assert!(reports_as_statements(TableEngine::DuckDb, &cases).is_err());
    for name in ["2fa", "order", "a"] {
        let catalog = Catalog::of([(name, select)]);
        let error = reports_as_statements(TableEngine::Athena, &catalog).unwrap_err().to_string();
        assert!(error.contains(&format!("report {name:?} cannot be saved in athena")), "{error}");
        let text = reports_as_statements(TableEngine::DuckDb, &catalog).unwrap();
        assert!(text.contains(&format!("MACRO \"{name}\"()")), "{text}");
    }
    let home = source("s3://bucket/prefix", false);
    for names in [["a-b", "a_b"], ["top-10", "top10"]] {
        let twice = Catalog::of(names.map(|name| (name, select)));
        let error = home.text(TableEngine::CloudFormation, &twice).unwrap_err().to_string();
        assert!(error.contains("the same name in cloudformation"), "{error}");
    }
}

#[test]
fn glue_has_every_column_and_projects_partitions() {
    let home = source("s3://bucket/prefix", false);
    let text = home.text(TableEngine::Glue, &Catalog::default()).unwrap();
    let input: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(input["DatabaseName"], "trails");
    let table = &input["TableInput"];
    let columns = table["StorageDescriptor"]["Columns"].as_array().unwrap();
    assert_eq!(columns.len(), COLUMNS.len());
    for (found, column) in columns.iter().zip(COLUMNS) {
        assert_eq!(found["Name"], column.name);
        assert_eq!(found["Type"], column.kind.sql_type());
        assert_eq!(found["Comment"], column.description);
    }
    assert_eq!(table["PartitionKeys"].as_array().unwrap().len(), PARTITION_COLUMNS.len());
    let parameters = &table["Parameters"];
    assert_eq!(parameters["projection.date.range"], "2026-04-27,NOW+1DAY");
    assert_eq!(parameters["projection.region.values"], "unknown,us-east-1");
    let template = "s3://bucket/prefix/events/date=${date}/region=${region}/";
    assert_eq!(parameters["storage.location.template"], template);
}

#[test]
fn the_template_has_views_and_reports() {
    let home = source("s3://bucket/prefix", false);
    let text = home.text(TableEngine::CloudFormation, &catalog()).unwrap();
    let template: Value = serde_json::from_str(&text).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in resources.values() {
        *kinds.entry(resource["Type"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(kinds["AWS::Athena::PreparedStatement"], 2);
    assert_eq!(kinds["AWS::Athena::NamedQuery"], 2 + crate::portable::VIEWS.len() + 1);
    let query = |name: &str| resources[name]["Properties"]["QueryString"].as_str().unwrap();
    // Athena asks for the value of each `?`.
    assert_eq!(query("QueryErrorsOf").matches('?').count(), 5);
    assert!(query("ViewCloudtrailLogs").contains("CREATE OR REPLACE VIEW cloudtrail_logs"));
    let projection = &resources["EventsTable"]["Properties"]["TableInput"]["Parameters"];
    let template = "s3://bucket/prefix/events/date=${date}/region=${region}/";
    assert_eq!(projection["storage.location.template"], template);
}

#[test]
fn the_view_of_awss_names_reads_columns_that_exist() {
    fn check(fields: &[cloudtrail_logs::fields::Field]) {
        let kind = |name: &str| {
            let column = COLUMNS.iter().find(|column| column.name == name);
            column.unwrap_or_else(|| panic!("no column {name}")).kind
        };
        for field in fields {
            assert!(
                !field.name.contains(|letter: char| !letter.is_ascii_lowercase() && letter != '2')
            );
            match field.value {
                cloudtrail_logs::fields::Value::Column("date" | "region")
                | cloudtrail_logs::fields::Value::DayPart(..)
                | cloudtrail_logs::fields::Value::DayPath => {}
                cloudtrail_logs::fields::Value::Column(name) => {
                    assert!(!matches!(
                        kind(name),
                        Kind::TextList | Kind::IntegerList | Kind::TextMap
                    ));
                }
                cloudtrail_logs::fields::Value::Json(column, _)
                | cloudtrail_logs::fields::Value::JsonMap(column, _) => {
                    assert_eq!(kind(column), Kind::Json, "{column}");
                }
                cloudtrail_logs::fields::Value::Structure(fields) => check(fields),
                cloudtrail_logs::fields::Value::Structures(lists) => {
                    assert!(lists.iter().all(|(_, list)| kind(list) == Kind::TextList));
                }
            }
        }
    }
    check(cloudtrail_logs::fields::FIELDS);
    let mut names: Vec<_> =
        cloudtrail_logs::fields::FIELDS.iter().map(|field| field.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), cloudtrail_logs::fields::FIELDS.len());
}

#[test]
fn a_home_is_not_a_pattern() {
    let home = source("/data/run[1]/a*?", false);
    for engine in [TableEngine::DuckDb, TableEngine::Polars] {
        let text = home.text(engine, &Catalog::default()).unwrap();
        assert!(text.contains("/data/run[[]1]/a[*][?]/events/**/*.parquet"), "{engine}: {text}");
    }
    let error = home.text(TableEngine::ClickHouse, &Catalog::default()).unwrap_err();
    assert!(error.to_string().contains("as a pattern of names"), "{error}");
}

#[test]
fn another_s3_server_is_named() {
    let endpoint = Some("http://localhost:9000".to_owned());
    let home = TableSource { endpoint, ..source("s3://bucket/prefix", false) };
    let text = home.text(TableEngine::DuckDb, &Catalog::default()).unwrap();
    let server = "ENDPOINT 'localhost:9000', URL_STYLE 'path', USE_SSL false);";
    assert!(text.contains(server), "{text}");
    let text = home.text(TableEngine::ClickHouse, &Catalog::default()).unwrap();
    assert!(text.contains("'http://localhost:9000/bucket/prefix/events/"), "{text}");
}

#[test]
fn reports_that_other_engines_do_not_support_are_taken_out() {
    let select = "-- title: One\nSELECT count(*) AS calls FROM events";
    let odd = "-- title: Odd\nSELECT regexp_replace(actor, 'a', 'b') AS x FROM events";
    let mut catalog = Catalog::of([("one", select), ("odd", odd)]);
    let [error] = &*catalog.take_out_unportable().unwrap() else { panic!("one of them") };
    assert!(error.to_string().contains("\"odd\" cannot be translated"), "{error}");
    let names: Vec<_> = catalog.reports().unwrap().iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["one"]);
}

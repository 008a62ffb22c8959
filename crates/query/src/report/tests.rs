use super::*;
use crate::parameter::ParameterType;

const DEPLOYMENTS: &str = "\
-- title: Who deployed what
-- description: One line,
--   and one more.
-- param cluster text default null: Cluster name; default: all
-- param from date default 7d: First day
-- param limit integer default 100: Rows
-- param reason text: Why: a sentence
-- needs: ecs.amazonaws.com, sts.amazonaws.com
SELECT event_name -- a comment with $nothing
FROM events
WHERE ($cluster IS NULL OR cluster_name = $cluster) AND date >= $from AND reason = $reason
LIMIT $limit;
";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 3).unwrap()
}

fn arguments(pairs: &[(&str, &str)]) -> Arguments {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_report_is_read() {
    let report = Report::parse("deployments", DEPLOYMENTS).unwrap();
    assert_eq!(report.title, "Who deployed what");
    assert_eq!(report.description, "One line, and one more.");
    assert!(report.needs.iter().eq(["ecs.amazonaws.com", "sts.amazonaws.com"]));
    assert!(report.sql.starts_with("SELECT event_name"));
    let parameters: Vec<_> = report
        .parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter.kind, parameter.default.clone()))
        .collect();
    assert_eq!(
        parameters,
        [
            ("cluster", ParameterType::Text, Some(DefaultValue::Null)),
            ("from", ParameterType::Date, Some(DefaultValue::Value("7d".to_owned()))),
            ("limit", ParameterType::Integer, Some(DefaultValue::Value("100".to_owned()))),
            ("reason", ParameterType::Text, None),
        ]
    );
    assert_eq!(report.parameters[3].description, "Why: a sentence");
    assert_eq!(
        Report::parse("deployments", &DEPLOYMENTS.replace('\n', "\r\n")).unwrap().title,
        report.title
    );
}

#[test]
fn arguments_are_checked_and_defaults_resolved() {
    let report = Report::parse("deployments", DEPLOYMENTS).unwrap();
    let bindings = report.bind(&arguments(&[("reason", "x"), ("limit", "5")]), today()).unwrap();
    let values: Vec<_> =
        bindings.values().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(values, ["cluster=NULL", "from=2026-04-26", "limit=5", "reason=x"]);
    for (given, expected) in [
        (vec![], "report \"deployments\" needs parameter \"reason\": give it with --set reason=…"),
        (
            vec![("reason", "x"), ("clutser", "y")],
            "report \"deployments\" has no parameter \"clutser\"; its parameters: cluster, from, limit, reason",
        ),
        (
            vec![("reason", "x"), ("limit", "many")],
            "report \"deployments\", parameter \"limit\": \"many\" is not an integer",
        ),
    ] {
        let error = report.bind(&arguments(&given), today()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn standard_parameters_need_no_declaration() {
    for (lines, sql, expected) in [
        ("", "SELECT 1", vec![]),
        ("", "SELECT $account, $from", vec!["from", "account"]),
        ("", "SELECT $until, $region, $account, $from", vec!["from", "until", "region", "account"]),
        (
            "-- param limit integer default 3: Rows\n",
            "SELECT $limit, $region",
            vec!["region", "limit=3"],
        ),
        (
            "-- param limit integer default 3: Rows\n-- param from date default 7d: First day\n",
            "SELECT $limit, $until, $from",
            vec!["until", "limit=3", "from=7d"],
        ),
        ("-- param region text: Any text\n", "SELECT $region", vec!["region!"]),
    ] {
        let report = Report::parse("r", &format!("-- title: t\n{lines}{sql}")).unwrap();
        let parameters = report.parameters.iter().map(|parameter| match &parameter.default {
            None => format!("{}!", parameter.name),
            Some(DefaultValue::Null) => parameter.name.clone(),
            Some(DefaultValue::Value(value)) => format!("{}={value}", parameter.name),
        });
        assert_eq!(parameters.collect::<Vec<_>>(), expected, "{lines}{sql}");
    }
}

#[test]
fn event_sources_that_columns_rest_on() {
    let only = |sources: &[&str]| {
        EventSources::Only(sources.iter().map(|source| (*source).to_owned()).collect())
    };
    for (lines, expected) in [
        ("", only(&[])),
        ("-- uses: s3.amazonaws.com\n", only(&["s3.amazonaws.com"])),
        (
            "-- uses: s3.amazonaws.com,\n--   sts.amazonaws.com\n-- uses: kms.amazonaws.com\n",
            only(&["kms.amazonaws.com", "s3.amazonaws.com", "sts.amazonaws.com"]),
        ),
        ("-- uses: all\n", EventSources::All),
        ("-- uses: s3.amazonaws.com\n-- uses: all\n", EventSources::All),
        ("-- uses: all\n-- uses: s3.amazonaws.com\n", EventSources::All),
    ] {
        let report = Report::parse("r", &format!("-- title: t\n{lines}SELECT 1")).unwrap();
        assert_eq!(report.uses, expected, "{lines}");
    }
}

#[test]
fn what_is_not_a_report() {
    for (text, problem) in [
        ("SELECT 1\n", "it has no title"),
        ("-- title: t\n", "there is no statement"),
        ("-- title: t\nSELEC 1", "SELEC"),
        ("-- title: t\nDROP TABLE events", "DROP is not allowed"),
        ("-- title: t\nSHOW TABLES", "it is not a query"),
        ("-- title: t\nSELECT 1; SELECT 2", "more than one statement"),
        ("-- titel: t\nSELECT 1", "\"titel\" is not a known key"),
        ("-- title: t\n-- uses: s3\nSELECT 1", "\"s3\" is not an event source"),
        ("-- title: t\n-- needs: all\nSELECT 1", "\"all\" is not an event source"),
        ("-- title: t\n-- uses:\nSELECT 1", "names no event source"),
        ("-- just words\nSELECT 1", "not of the form `-- key: value`"),
        ("--   t\nSELECT 1", "has no line before it"),
        ("-- title: t\nSELECT $a", "$a is used, but not declared"),
        (
            "-- title: t\n-- param a text: x\nSELECT 1",
            "parameter \"a\" is declared, but $a is not used",
        ),
        ("-- title: t\nSELECT $Region", "$Region is used, but not declared"),
        ("-- title: t\n-- param region text: x\nSELECT 1", "$region is not used"),
        (
            "-- title: t\n-- param cluster cluster default null: x\nSELECT $cluster, $account",
            "filter by $region as well",
        ),
        ("-- title: t\n-- param a text: x\n-- param a date: x\nSELECT $a", "declared twice"),
        ("-- title: t\n-- param a interval: x\nSELECT $a", "\"interval\" is not a type"),
        ("-- title: t\n-- param A text: x\nSELECT $A", "\"A\" is not a parameter name"),
        ("-- title: t\n-- param a text\nSELECT $a", "not of the form"),
        ("-- title: t\n-- param a text null: x\nSELECT $a", "not of the form"),
        ("-- title: t\n-- param a integer default many: x\nSELECT $a", "not an integer"),
    ] {
        let error = Report::parse("r", text).unwrap_err().to_string();
        assert!(
            error.starts_with("report \"r\": ") && error.contains(problem),
            "{text:?}: {error}"
        );
    }
}

//! The query behind a selection.

use super::*;

#[test]
fn a_selection_as_a_query() {
    let today = NaiveDate::from_ymd_opt(2026, 4, 28).unwrap();
    let (sql, bindings) = ExportOptions::default().query(today).unwrap();
    let sql = sql.to_string();
    assert!(sql.starts_with("SELECT date, region, event_time, event_id, "), "{sql}");
    assert!(sql.ends_with(" FROM events"), "{sql}");
    assert_eq!(bindings, Bindings::default());

    let options = ExportOptions {
        filter: Some("actor = 'root' OR actor = 'x' -- why".to_owned()),
        from: Some("7d".to_owned()),
        until: Some("today".to_owned()),
        region: Some("eu-west-1".to_owned()),
    };
    let (sql, bindings) = options.query(today).unwrap();
    let sql = sql.to_string();
    let (_, condition) = sql.split_once(" WHERE ").unwrap();
    let expected = "(date >= $from AND date <= $until AND region = $region) \
                    AND (actor = 'root' OR actor = 'x')";
    assert_eq!(condition, expected);
    let values: Vec<_> = bindings.values().iter().map(|(_, value)| value.to_string()).collect();
    assert_eq!(values, ["2026-04-21", "eu-west-1", "2026-04-28"]);

    let options = ExportOptions { until: Some("soon".to_owned()), ..ExportOptions::default() };
    let error = options.query(today).unwrap_err().to_string();
    let expected = format!("\"until\": \"soon\" is not {}", ParameterType::Date.expectation());
    assert_eq!(error, expected);

    let options =
        ExportOptions { region: Some("EU-WEST-1".to_owned()), ..ExportOptions::default() };
    let error = options.query(today).unwrap_err().to_string();
    let expected =
        "\"region\": \"EU-WEST-1\" is not a Region such as eu-west-1: did you mean \"eu-west-1\"?";
    assert_eq!(error, expected);
}

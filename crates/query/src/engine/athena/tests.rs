use std::path::Path;

use super::{cells::Kind, *};
use crate::{portable::translate, report::Catalog, testing::Dataset};

/// A report with lists could not be read: Athena writes them without quotes.
#[tokio::test]
async fn every_report_is_asked_and_its_columns_are_read() {
    let dataset = Dataset::of(&[]);
    let session = dataset.session().await;
    let mut catalog = Catalog::default();
    let queries = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../queries");
    catalog.add_folder(&queries).unwrap();
    let reports = catalog.reports().unwrap();
    assert!(reports.len() > 60, "{}", reports.len());
    for report in reports {
        let bindings = Bindings::declared(&report.parameters);
        let statement = report.statement().clone();
        let schema = session.schema_of(statement.clone(), &bindings).await.unwrap();
        for field in schema.fields() {
            let kind = Kind::of_type(field.data_type());
            assert!(kind.is_some(), "{}: {field:?}", report.name);
        }
        let sql = translate(statement, &bindings, Values::Written, Dialect::Athena).unwrap().sql;
        let asked = statement::asked(&sql).unwrap();
        assert!(asked.ends_with(sql.trim_start_matches("WITH ")), "{}: {asked}", report.name);
    }
}

//! Books as they are written: of a small dataset, with hostile values, and cut.

use chrono::{NaiveDate, TimeZone};
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::*;
use crate::{
    caveat::Scope,
    parameter::Arguments,
    report::Catalog,
    session::Session,
    testing::{Dataset, record},
};

/// Values that would be markup, script, a link, or a change of direction.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "</td></tr></table><h1>Owned</h1>",
    "javascript:alert(1)",
    "\u{202e}\u{2066}evil\u{200b}\u{1b}[31m",
    "[link](https://evil.example) ![i](https://evil.example/i.png) ``` | x",
    "&#60;script&#62;",
    "{\"a\": \"</details><script>alert(1)</script>\", \"long\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}",
];

const REPORTS: [(&str, &str); 4] = [
    (
        "calls",
        "-- title: Calls by name\n-- severity: high\n-- description: What was called, see `events`.\n\
         -- chart: bar x=event_name y=calls\n\
         SELECT event_name, count(*) AS calls, min(event_time) AS first_time, NULL AS nothing FROM events \
         WHERE ($from IS NULL OR date >= $from) GROUP BY event_name ORDER BY event_name",
    ),
    (
        "actors",
        "-- title: Actors\n-- reference: https://example.com/actors\n\
         SELECT actor, user_agent, '' AS empty, 'same' AS same FROM events \
         WHERE ($region IS NULL OR region = $region) ORDER BY event_time",
    ),
    ("none", "-- title: Nothing\n-- severity: critical\nSELECT 1 AS one FROM events WHERE false"),
    ("iam", "-- title: Identity\n-- needs: iam.amazonaws.com\nSELECT 1 AS one FROM events"),
];

fn dataset() -> Dataset {
    let records = HOSTILE.iter().enumerate().map(|(index, value)| {
        let time = format!("2026-04-27T02:18:{index:02}Z");
        let mut one = record(&time, "eu-west-1", "RunTask", json!({"userAgent": value}));
        one["userIdentity"]["userName"] = json!(value);
        one["userIdentity"]["arn"] = json!(format!("arn:aws:iam::111122223333:user/{value}"));
        one
    });
    Dataset::of(&[
        ("date=2026-04-27/region=eu-west-1", records.collect()),
        (
            "date=2026-04-30/region=eu-west-1",
            vec![record("2026-04-30T12:00:00Z", "eu-west-1", "StopTask", json!({}))],
        ),
    ])
}

async fn book(session: &Session, names: &[&str], rows: usize) -> Book {
    let catalog = Catalog::of(REPORTS);
    let names: Vec<_> = names.iter().copied().map(str::to_owned).collect();
    let arguments = Arguments::from([("from".to_owned(), "2026-04-20".to_owned())]);
    let today = NaiveDate::from_ymd_opt(2026, 5, 3).unwrap();
    let (selections, title) =
        select(&catalog, &built_in_sets(), &names, &arguments, today, |_, _| Ok::<_, Error>(()))
            .unwrap();
    let options = ChapterOptions { rows, has_chart: true };
    let mut chapters = Vec::new();
    for selection in &selections {
        chapters.push(session.chapter(session, selection, options).await.unwrap());
    }
    let scope = Scope::of(&selections[0].bindings);
    let made_at = Utc.with_ymd_and_hms(2026, 5, 3, 10, 0, 0).unwrap();
    Book {
        title,
        scope: scope.to_string(),
        made_at,
        version: "1.2.3".to_owned(),
        dataset: session.dataset_summary(session, &scope, made_at).await.unwrap(),
        chapters,
    }
}

fn written(book: &Book, format: BookFormat) -> String {
    let mut out = Vec::new();
    book.write(format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The page without its style and script.
fn body(html: &str) -> String {
    let (before, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (rest, after) = rest.rsplit_once("<script>").unwrap();
    let (_, after) = after.split_once("</script>").unwrap();
    format!("{before}{rest}{after}")
}

#[tokio::test]
async fn books_in_each_format() {
    let dataset = dataset();
    let session = dataset.session().await;
    let book = book(&session, &["calls", "none", "iam", "actors"], 1000).await;
    let html = written(&book, BookFormat::Html);
    let (_, shown) =
        body(&html).split_once("<title>").map(|(a, b)| (a.len(), b.to_owned())).unwrap();
    assert_snapshot!("book_html", shown);
    assert_snapshot!("book_markdown", written(&book, BookFormat::Markdown));
    let json = written(&book, BookFormat::Json);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_snapshot!("book_json", serde_json::to_string_pretty(&json).unwrap());
}

#[tokio::test]
async fn values_stay_text() {
    let dataset = dataset();
    let session = dataset.session().await;
    let html = written(&book(&session, &["actors", "calls"], 1000).await, BookFormat::Html);
    let body = body(&html);
    for markup in [
        "<script",
        "<img",
        "<h1>Owned",
        "onerror=alert(1)>",
        "style=",
        "javascript:alert(1)\"",
        "\u{202e}",
        "\u{1b}",
    ] {
        assert!(!body.contains(markup), "{markup}");
    }
    assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(body.contains("&amp;#60;script&amp;#62;"));
    assert!(body.contains("<span class=\"u\">\\u{202e}</span>"));
    // Links lead to places of the page, and to the documentation that a report names.
    let links = body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    assert!(
        links.into_iter().all(|link| link.starts_with('#') || link == "https://example.com/actors")
    );
}

#[tokio::test]
async fn what_is_cut_is_told() {
    let dataset = dataset();
    let session = dataset.session().await;
    let book = book(&session, &["actors", "none", "calls"], 3).await;
    let html = written(&book, BookFormat::Html);
    assert!(html.contains("The first 3 of 10 rows are shown"), "{html}");
    assert!(written(&book, BookFormat::Markdown).contains("The first 3 of 10 rows."));
    let json: Value = serde_json::from_str(&written(&book, BookFormat::Json)).unwrap();
    let report = &json["reports"][0];
    assert_eq!((&report["rows_found"], report["rows"].as_array().unwrap().len()), (&json!(10), 3));
    let Outcome::Rows(answer) = &book.chapters[0].outcome else { panic!("there are rows") };
    assert!(answer.rows.get_array_memory_size() < 64 << 10, "only the rows shown are held");
}

#[tokio::test]
async fn queries_are_pages_too() {
    let dataset = dataset();
    let session = dataset.session().await;
    let sql =
        "SELECT event_name AS \"<b>name</b>\", count(*) AS n FROM events GROUP BY 1 ORDER BY 1";
    let options = ChapterOptions { rows: 10, has_chart: true };
    let chapter = session.query_chapter(&session, sql, &Arguments::new(), options).await.unwrap();
    assert_eq!(chapter.name, None);
    let book = Book {
        title: chapter.title.clone(),
        scope: String::new(),
        made_at: Utc.with_ymd_and_hms(2026, 5, 3, 10, 0, 0).unwrap(),
        version: "1.2.3".to_owned(),
        dataset: DatasetSummary::default(),
        chapters: vec![chapter],
    };
    let html = written(&book, BookFormat::Html);
    assert!(html.contains("<th scope=\"col\">&lt;b&gt;name&lt;/b&gt;</th>"), "{html}");
    assert!(html.contains("<summary>SQL</summary>"));
}

#[test]
fn sets_and_reports_are_selected_once() {
    let catalog = Catalog::of(REPORTS);
    let set = ReportSet {
        title: "Mine".to_owned(),
        reports: vec!["none".to_owned(), "calls".to_owned()],
    };
    let sets = ReportSets::from([("mine".to_owned(), set)]);
    let today = NaiveDate::from_ymd_opt(2026, 5, 3).unwrap();
    let selected = |names: &[&str], arguments: &[(&str, &str)]| {
        let names: Vec<_> = names.iter().copied().map(str::to_owned).collect();
        let arguments =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        select(&catalog, &sets, &names, &arguments.collect(), today, |_, _| Ok::<_, Error>(())).map(
            |(selections, title)| {
                let names: Vec<_> = selections.iter().map(|one| one.report.name.as_str()).collect();
                format!("{title}: {} without {:?}", names.join(" "), selections[0].not_limited_by)
            },
        )
    };
    for (names, arguments, expected) in [
        (&["mine"][..], &[][..], Ok("Mine: none calls without []")),
        (&["calls"], &[], Ok("Calls by name: calls without []")),
        (&["calls", "mine"], &[("from", "7d")], Ok("Report book: calls none without []")),
        (
            &["actors", "mine"],
            &[("from", "7d")],
            Ok("Report book: actors none calls without [\"from\"]"),
        ),
        (&["mine"], &[("service", "x")], Err("no report of the book has a parameter \"service\"")),
        (&["mine"], &[("from", "x")], Err("report \"calls\", parameter \"from\": \"x\" is not")),
        (
            &["minr"],
            &[],
            Err("\"minr\" is neither a report nor a set of reports: did you mean \"mine\"?"),
        ),
    ] {
        match (selected(names, arguments), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().starts_with(expected), "{error}");
            }
            (found, expected) => panic!("{found:?} is not {expected:?}"),
        }
    }
}

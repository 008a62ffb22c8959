use proptest::prelude::*;

use super::*;

const RAW: WriteOptions = WriteOptions { raw: true, ..PLAIN };

#[tokio::test]
async fn no_text_is_a_formula() {
    let cases = [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1＋1", "'＝1＋1"),
        ("＠SUM(A1)", "'＠SUM(A1)"),
        (" =1", "' =1"),
        ("\u{a0}\u{feff}\u{200b}=1", "'\u{a0}\u{feff}\u{200b}=1"),
        ("a\0b", "a\\u{0}b"),
        ("\0=1", "'\\u{0}=1"),
        ("a=b", "a=b"),
        ("|cmd", "|cmd"),
        ("%0", "%0"),
        ("a;=1;b", "a;'=1;b"),
        ("a; =1", "a;' =1"),
        ("a;b", "a;b"),
        ("a, -1", "a, -1"),
        ("", ""),
    ];
    for (value, expected) in cases {
        let rows = batch(vec![("n", texts(&["1"])), ("v", texts(&[value]))]);
        let csv = one(Format::Csv, rows.clone()).await;
        let tsv = one(Format::Tsv, rows).await;
        let quoted =
            if expected.contains(',') { format!("\"{expected}\"") } else { expected.to_owned() };
        assert_eq!(csv, format!("n,v\r\n1,{quoted}\r\n"));
        assert_eq!(tsv, format!("n\tv\n1\t{}\n", expected.replace('\\', "\\\\")));
    }
}

#[tokio::test]
async fn what_ends_a_value_does_not() {
    let cases = [
        ("two\nlines", "\"two\nlines\"", "two\\nlines"),
        ("two\n=1", "\"two\n'=1\"", "two\\n'=1"),
        ("\tx", "'\tx", "'\\tx"),
        ("\rx", "\"'\rx\"", "'\\rx"),
        ("\nx", "\"'\nx\"", "'\\nx"),
        ("a\\b", "a\\b", "a\\\\b"),
        ("a,b", "\"a,b\"", "a,b"),
        ("\"a\"", "\"\"\"a\"\"\"", "'\"a\""),
        ("a;\"=1", "\"a;'\"\"=1\"", "a;'\"=1"),
    ];
    for (value, csv, tsv) in cases {
        let rows = batch(vec![("v", texts(&[value]))]);
        assert_eq!(one(Format::Csv, rows.clone()).await, format!("v\r\n{csv}\r\n"));
        assert_eq!(one(Format::Tsv, rows).await, format!("v\n{tsv}\n"));
    }
}

#[tokio::test]
async fn headers_are_inert_and_numbers_are_numbers() {
    let rows = batch(vec![("=1", texts(&["=2"])), ("n", Arc::new(Int64Array::from(vec![-3])))]);
    assert_eq!(one(Format::Csv, rows.clone()).await, "'=1,n\r\n'=2,-3\r\n");
    assert_eq!(one(Format::Tsv, rows.clone()).await, "'=1\tn\n'=2\t-3\n");
    assert_eq!(one_with(Format::Csv, &RAW, rows.clone()).await, "=1,n\r\n=2,-3\r\n");
    assert_eq!(one_with(Format::Tsv, &RAW, rows).await, "=1\tn\n=2\t-3\n");
}

#[tokio::test]
async fn what_terminals_act_on_does_not_reach_one() {
    let rows = batch(vec![("a", texts(&["x\u{1b}[2J\ry"])), ("b", texts(&["z\u{202e}"]))]);
    for (format, expected) in [
        (Format::Csv, "a,b\n\"x\\u{1b}[2J\\u{d}y\",z\\u{202e}\n"),
        (Format::Tsv, "a\tb\nx\\u{1b}[2J\\ry\tz\\u{202e}\n"),
    ] {
        let mut out = TerminalText(Vec::new());
        let rows = super::rows(rows.schema(), vec![rows.clone()]);
        write_rows(rows, format, &PLAIN, &mut out).await.unwrap();
        assert_eq!(String::from_utf8(out.0).unwrap(), expected);
    }
}

/// What a reader of our TSV does.
fn unescaped(value: &str) -> String {
    let mut characters = value.chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next().unwrap() {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                other => other,
            },
            character => character,
        });
    }
    text
}

fn any_cells() -> impl Strategy<Value = Vec<[String; 2]>> {
    let cell = || "([=+@\"',;\\\\\t\r\n\0-]|[a-z é日]){0,8}";
    proptest::collection::vec([cell(), cell()], 0..6)
}

fn write(format: Format, options: WriteOptions, cells: &[[String; 2]]) -> String {
    let column =
        |number: usize| texts(&cells.iter().map(|row| row[number].as_str()).collect::<Vec<_>>());
    let batch = batch(vec![("a", column(0)), ("b", column(1))]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(one_with(format, &options, batch))
}

fn read_csv(text: &str) -> Vec<[String; 2]> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

fn read_tsv(text: &str) -> Vec<[String; 2]> {
    let row = |line: &str| {
        let (a, b) = line.split_once('\t').unwrap();
        [unescaped(a), unescaped(b)]
    };
    text.strip_suffix('\n').unwrap().split('\n').skip(1).map(row).collect()
}

proptest! {
    #[test]
    fn raw_values_come_back(cells in any_cells()) {
        prop_assert_eq!(&read_csv(&write(Format::Csv, RAW, &cells)), &cells);
        prop_assert_eq!(&read_tsv(&write(Format::Tsv, RAW, &cells)), &cells);
    }

    #[test]
    fn inert_values_begin_no_formula(cells in any_cells()) {
        let starts = ['=', '+', '-', '@', '\t', '\r', '\n'];
        let csv = read_csv(&write(Format::Csv, PLAIN, &cells));
        let tsv = read_tsv(&write(Format::Tsv, PLAIN, &cells));
        for cell in csv.iter().chain(&tsv).flatten() {
            prop_assert!(!cell.starts_with(starts), "{cell:?}");
            prop_assert!(!cell.contains('\0'));
            for piece in cell.split(['\t', '\r', '\n', ';']) {
                prop_assert!(!piece.trim_start().starts_with(&starts[..4]), "{cell:?}");
            }
        }
    }
}

//! Odd values, and texts of JSON in which one member has one of them.

use serde_json::Value;

/// What is done to a member.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// It has another value, given as JSON.
    Value(String),
    /// It is gone.
    Removed,
    /// It stands twice, the second time with another value.
    Twice(String),
}

/// Elements of a list that are changed: the first ones. The rest is like them.
const ELEMENTS: usize = 1;

/// Stands for the whole path of a file of somebody else's beside the dataset.
pub(crate) const VICTIM: &str = "/@@victim@@/file";

/// Every change, with what to call it.
pub(crate) fn changes() -> Vec<(String, Change)> {
    const ELSEWHERE: &str =
        "events/date=2026-04-02/region=eu-west-1/part-00000000-0123456789abcdef-0.parquet";
    let text = |text: &str| Value::from(text).to_string();
    let texts = [
        VICTIM.to_owned(),
        "../victim/file".to_owned(),
        "a/../../victim/file".to_owned(),
        "_ecstrail/tmp/../../../victim/file".to_owned(),
        "_ecstrail/tmp/00000000-0123456789abcdef/../../../../victim/file".to_owned(),
        "_ecstrail/dataset.json".to_owned(),
        "_ecstrail/lock".to_owned(),
        ELSEWHERE.to_owned(),
        ELSEWHERE.replace("2026-04-02", "9999-12-31"),
        ELSEWHERE.replace("part", "a\nb\u{1b}[31m\0\u{202e}"),
        "ecstrail: forged\n\u{1b}]0;title\u{7}\u{9b}31m\u{202e}".to_owned(),
        String::new(),
        "-".to_owned(),
        "0".repeat(64),
        "\u{1f600}".repeat(300),
        "x".repeat(1 << 20),
    ];
    let mut changes: Vec<_> = texts.iter().map(|value| Change::Value(text(value))).collect();
    let plain = [
        "null",
        "true",
        "-1",
        "0",
        "1",
        "2",
        "1e308",
        "4294967295",
        "281474976710656",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "[]",
        "{}",
        "[null]",
        "[9223372036854775807,-9223372036854775808]",
        r#"["z","a"]"#,
        r#"{"path":"../victim/file","lines":1,"sha256":""}"#,
        r#""\ud800""#,
    ];
    changes.extend(plain.map(|value| Change::Value(value.to_owned())));
    let outside = text(&texts[0]);
    changes.push(Change::Value(format!("[{outside}]")));
    changes.push(Change::Value(format!("[{}]", text(ELSEWHERE))));
    changes.push(Change::Value("[".repeat(10_000) + &"]".repeat(10_000)));
    changes.push(Change::Removed);
    changes.push(Change::Twice(outside));
    changes.push(Change::Twice("0".to_owned()));
    let name = |change: &Change| match change {
        Change::Value(value) => value.chars().take(60).collect(),
        Change::Removed => "removed".to_owned(),
        Change::Twice(value) => format!("twice {value}"),
    };
    changes.into_iter().map(|change| (name(&change), change)).collect()
}

/// The JSON pointers of a value and of all that is in it.
pub(crate) fn pointers(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        pointers(value).into_iter().map(move |pointer| format!("/{key}{pointer}"))
    };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                found.extend(below(key, value));
            }
        }
        Value::Array(elements) => {
            for (number, value) in elements.iter().take(ELEMENTS).enumerate() {
                found.extend(below(&number.to_string(), value));
            }
        }
        _ => {}
    }
    found
}

/// Returns the text of a value with a change at a pointer; `None` if it cannot be made there.
pub(crate) fn changed(value: &Value, pointer: &str, change: &Change) -> Option<String> {
    const MARK: &str = "@@odd@@";
    let mut value = value.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
    let raw = match change {
        Change::Value(raw) => raw.clone(),
        Change::Removed | Change::Twice(_) if pointer.is_empty() => return None,
        Change::Removed => {
            match value.pointer_mut(parent)? {
                Value::Object(members) => drop(members.remove(key)?),
                Value::Array(elements) => drop(elements.remove(key.parse().ok()?)),
                _ => return None,
            }
            return Some(value.to_string());
        }
        Change::Twice(raw) => {
            let whole = value.pointer(pointer)?.to_string();
            match value.pointer(parent)? {
                Value::Object(_) => format!("{whole},{}:{raw}", Value::from(key)),
                _ => format!("{whole},{raw}"),
            }
        }
    };
    *value.pointer_mut(pointer)? = Value::from(MARK);
    Some(value.to_string().replacen(&Value::from(MARK).to_string(), &raw, 1))
}

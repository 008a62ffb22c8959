//! What the query engine says, in words that help whoever wrote the query: what is wrong, and what to
//! write instead. Nothing of the engine's insides is shown.

use std::{borrow::Cow, fmt, sync::LazyLock};

use datafusion::error::DataFusionError;
use regex::{Captures, Regex};

mod messages;

use messages::MESSAGES;

/// The query engine's message, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

/// Prefixes of the engine's messages, which say where in it they were made.
const PREFIXES: [&str; 14] = [
    "DataFusion error: ",
    "Schema error: ",
    "Error during planning: ",
    "SQL error: ",
    "Execution error: ",
    "External error: ",
    "External: ",
    "Parquet argument error: ",
    "Object Store error: ",
    "Parquet error: ",
    "Arrow error: ",
    "Internal error: ",
    "Invalid or Unsupported Configuration: ",
    "This feature is not implemented: ",
];

/// Characters of the engine's own words that a message shows at most.
const SHOWN: usize = 160;

impl Cause {
    pub(crate) fn new(error: &DataFusionError) -> Self {
        let root = error.find_root();
        let text = root.strip_backtrace();
        let essence = essence(&text);
        if let Some(known) = known(&essence) {
            return Self(known);
        }
        let is_unforeseen = matches!(
            root,
            DataFusionError::Internal(_)
                | DataFusionError::NotImplemented(_)
                | DataFusionError::Context(..)
        ) || shows_insides(&essence);
        if !is_unforeseen {
            return Self(in_words(&essence).into_owned());
        }
        let first = essence.lines().next().unwrap_or_default();
        let end = INSIDES.find(first).map_or(first.len(), |found| found.start());
        let first = first[..end].trim_end_matches([' ', '.', ',', ':', '(', '\'', '"']);
        let shown: String = first.chars().take(SHOWN).collect();
        let shown = if shown.is_empty() { "no reason given".to_owned() } else { shown };
        Self(format!(
            "the query engine does not support this ({}): write it in another way, for example with a \
             subquery in FROM, or a JOIN in place of a subquery elsewhere",
            in_words(&shown)
        ))
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// A message without where it was made, and without the names of the engine's catalog.
fn essence(text: &str) -> String {
    let mut text = text;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest;
    }
    let text = text.split("\nThis issue was likely caused by").next().unwrap_or_default();
    let quoted = ["ParserError(\"", "TokenizerError(\""];
    let parser = quoted.iter().find_map(|kind| text.strip_prefix(kind));
    let text = match parser.and_then(|rest| rest.strip_suffix("\")")) {
        Some(message) => message.replace("\\\"", "\""),
        None => text.to_owned(),
    };
    text.replace("datafusion.public.", "").replace("found: EOF", "found the end of the query")
}

/// Returns what a message that is known means.
fn known(text: &str) -> Option<String> {
    static KNOWN: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let compiled = MESSAGES.iter().map(|(pattern, meaning)| {
            Some((Regex::new(&format!("(?s)^{pattern}")).ok()?, *meaning))
        });
        compiled.flatten().collect()
    });
    KNOWN.iter().find_map(|(pattern, meaning)| {
        let found = pattern.captures(text)?;
        let mut told = String::new();
        found.expand(meaning, &mut told);
        let told = match found.name("left").zip(found.name("right")) {
            Some((left, right)) => {
                told + advice(left.as_str(), right.as_str(), found.name("sign").is_some())
            }
            None => told,
        };
        Some(in_words(&told).into_owned())
    })
}

/// What to do about two types that cannot be compared, or not be added.
fn advice(left: &str, right: &str, computes: bool) -> &'static str {
    let one_is = |name: &str| left.contains(name) || right.contains(name);
    if one_is("Map(") {
        ": take one value of it, as in tags['Name']"
    } else if one_is("List(") {
        ": use array_has(list, value), or the view that has a row per element (SHOW TABLES)"
    } else if computes && (one_is("Timestamp") || one_is("Date")) {
        ": write a span of time as INTERVAL '7 days', or date_add('day', -7, time)"
    } else if one_is("Timestamp") || one_is("Date") {
        ": write a time as '2026-04-27T02:18:03Z', a day as '2026-04-27', and seconds since 1970 as from_unixtime(…)"
    } else if one_is("Duration") || one_is("Interval") {
        ": write a span of time as INTERVAL '5 minutes', or count with date_diff('minute', from, until)"
    } else if one_is("Boolean") {
        ": write true or false without quotes, as in read_only = true"
    } else {
        ": convert one of them with CAST(… AS BIGINT) or CAST(… AS VARCHAR)"
    }
}

/// What is only said inside the engine.
static INSIDES: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r#"[A-Z][A-Za-z]+ ?\{|[A-Z][A-Za-z]+\((?:"|Some|Field|Column|Window|Scalar|<subquery>)|Physical plan|LogicalPlan::|PhysicalExpr|\b[a-z_]+::[A-Za-z_]+|OuterReferenceColumn|backtrace|DataFusion"#,
    )
});

fn shows_insides(text: &str) -> bool {
    INSIDES.find(text).is_some()
}

/// A pattern that is right as it stands here; one that is not would match nothing.
struct Pattern(Option<Regex>);

impl Pattern {
    fn new(pattern: &str) -> Self {
        Self(Regex::new(pattern).ok())
    }

    fn find<'t>(&self, text: &'t str) -> Option<regex::Match<'t>> {
        self.0.as_ref()?.find(text)
    }

    fn replace_all<'t>(&self, text: &'t str, by: fn(&Captures<'_>) -> String) -> Cow<'t, str> {
        match &self.0 {
            Some(pattern) => pattern.replace_all(text, by),
            None => Cow::Borrowed(text),
        }
    }
}

/// Returns a text with the engine's names of types in SQL's words.
pub(crate) fn in_words(text: &str) -> Cow<'_, str> {
    static TYPES: LazyLock<Pattern> = LazyLock::new(|| {
        // With what stands in brackets behind it, which may have brackets too.
        let inside = r"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))";
        Pattern::new(&format!(
            r"\b(?:(Timestamp|Time32|Time64|Duration|Interval|List|LargeList|Map|Struct|Dictionary|Decimal128|Decimal256|Union){inside}|(Utf8View|LargeUtf8|Utf8|U?Int(?:8|16|32|64)|Float(?:16|32|64)|Boolean|Date32|Date64|Binary|Null)\b)"
        ))
    });
    TYPES.replace_all(text, |found| {
        let name = found.get(1).or_else(|| found.get(2)).map_or("", |name| name.as_str());
        let words = match name {
            "Timestamp" => "timestamp",
            "Time32" | "Time64" => "time",
            "Duration" | "Interval" => "interval",
            "List" | "LargeList" => "array",
            "Map" => "map",
            "Struct" => "struct",
            "Union" => "JSON value",
            "Dictionary" | "Utf8" | "Utf8View" | "LargeUtf8" => "text",
            "Int64" | "UInt64" => "bigint",
            "Boolean" => "boolean",
            "Date32" | "Date64" => "date",
            "Binary" => "binary",
            "Null" => "NULL",
            _ if name.contains("Int") => "integer",
            _ => "double",
        };
        words.to_owned()
    })
}

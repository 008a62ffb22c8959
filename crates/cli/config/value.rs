//! Values of a config file, checked and written as they are given on the command line.

use std::path::{Component, Path, PathBuf};

use ecstrail_query::{Format, printable_line};
use toml::de::DeValue;
use url::Url;

use super::keys::{Key, Kind};
use crate::{
    args::{parse_size, parse_threads},
    engine::EngineName,
};

/// Characters of the longest value.
const LONGEST: usize = 16 << 10;

/// What paths in a file stand for.
#[derive(Debug)]
pub(super) struct Base {
    /// The folder of the file: relative paths begin there.
    pub(super) folder: PathBuf,
    /// What `~` stands for.
    pub(super) home: Option<PathBuf>,
}

/// Returns the value of a key.
pub(super) fn of_key(key: &Key, value: &DeValue<'_>, base: &Base) -> Result<String, String> {
    let name = key.name;
    let wrong = |expected: &str| format!("{name} is {}: give {expected}", kind_of(value));
    if key.kind == Kind::Switch {
        let switch = value.as_bool().ok_or_else(|| wrong("true or false"))?;
        return Ok(switch.to_string());
    }
    if let DeValue::Integer(number) = value {
        let text = integer(number.as_str(), number.radix()).ok_or_else(|| wrong("a number"))?;
        return match key.kind {
            Kind::Threads => checked(name, &text, parse_threads(&text)),
            Kind::Size => checked(name, &text, parse_size(&text)),
            _ => Err(wrong("text, in quotation marks")),
        };
    }
    let expected = match key.kind {
        Kind::Threads => "a number",
        _ => "text, in quotation marks",
    };
    let text =
        value.as_str().filter(|_| key.kind != Kind::Threads).ok_or_else(|| wrong(expected))?;
    if text.trim().is_empty() {
        return Err(format!("{name} is empty: give a value, or leave it out"));
    }
    if text.chars().count() > LONGEST || printable_line(text) != text {
        return Err(format!("{name} is not a value: it is too long, or has control characters"));
    }
    match key.kind {
        Kind::Location => match text.split_once("://") {
            None => path(name, text, base),
            Some(("s3" | "file", _)) => Ok(text.to_owned()),
            Some((scheme, _)) => Err(format!(
                "{name} is {text:?}, and {scheme}:// is not supported: give a path or \
                 s3://BUCKET/PREFIX"
            )),
        },
        Kind::Folder => path(name, text, base),
        Kind::Size => checked(name, text, parse_size(text)),
        Kind::Server => server(name, text),
        Kind::Format => match text.parse::<Format>() {
            Ok(format) if format.is_binary() => Err(format!(
                "{name} is {text:?}, which a terminal cannot show: give a format that is text, and \
                 --output FILE.{text} where you need the other"
            )),
            Ok(_) => Ok(text.to_owned()),
            Err(error) => Err(format!("{name}: {error}")),
        },
        Kind::Engine => checked(name, text, text.parse::<EngineName>()),
        Kind::Name | Kind::Threads | Kind::Switch => Ok(text.to_owned()),
    }
}

/// Returns the value of a report's parameter: as it is given on the command line.
pub(super) fn of_parameter(name: &str, value: &DeValue<'_>) -> Result<String, String> {
    let text = match value {
        DeValue::Array(items) => {
            let items = items.iter().map(|item| match item.get_ref() {
                DeValue::Array(_) => Err(format!("{name} is a list in a list: give one list")),
                item => of_parameter(name, item),
            });
            let items = items.collect::<Result<Vec<_>, _>>()?;
            if items.iter().any(|item| item.contains(',')) {
                return Err(format!("{name} has an item with a comma: give each item by itself"));
            }
            items.join(",")
        }
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => integer(number.as_str(), number.radix())
            .ok_or_else(|| format!("{name} is too large: give a smaller number"))?,
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(switch) => switch.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Table(_) => {
            return Err(format!(
                "{name} is a table: give a value. Values for one report belong below \
                 [reports.NAME]"
            ));
        }
    };
    if text.trim().is_empty() {
        return Err(format!("{name} is empty: give a value, or leave it out"));
    }
    if text.chars().count() > LONGEST {
        return Err(format!("{name} has more than {LONGEST} characters"));
    }
    Ok(text)
}

/// The kind of a value, in words.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(text) if text.is_empty() => "empty",
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn integer(digits: &str, radix: u32) -> Option<String> {
    i64::from_str_radix(digits, radix).ok().map(|number| number.to_string())
}

/// Returns the text, if an option accepts it.
fn checked<T>(name: &str, text: &str, parsed: Result<T, String>) -> Result<String, String> {
    match parsed {
        Ok(_) => Ok(text.to_owned()),
        Err(problem) => Err(format!("{name} is {text:?}: {problem}")),
    }
}

/// Returns the whole path: `~` is the user's home, and what is relative begins in the folder of the
/// file, not in the current one.
fn path(name: &str, text: &str, base: &Base) -> Result<String, String> {
    let mut components = Path::new(text).components();
    let whole = match components.next() {
        Some(Component::Normal(first)) if first == "~" => {
            let home = base.home.as_ref();
            let home = home.ok_or_else(|| format!("{name} begins with ~, and HOME is not set"))?;
            home.join(components.as_path())
        }
        Some(Component::Normal(first)) if first.to_string_lossy().starts_with('~') => {
            return Err(format!(
                "{name} is {text:?}: ~ stands for your own home only. Give the whole path, or ./{text} \
                 for a folder of this name"
            ));
        }
        _ => base.folder.join(text),
    };
    let whole = without_current(&whole);
    whole.to_str().map(ToOwned::to_owned).ok_or_else(|| format!("{name} is not UTF-8"))
}

/// Takes `.` out. `..` stays: what is before it may be a link.
fn without_current(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

fn server(name: &str, text: &str) -> Result<String, String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
    });
    let Some(url) = url else {
        return Err(format!(
            "{name} is {text:?}, which is not the URL of a server: give http:// or https://, a host \
             and an optional port"
        ));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "{name} has a user or a password in it: credentials do not belong here"
        ));
    }
    Ok(text.to_owned())
}

//! Parsers of option values. Each error says what is expected.

use std::{env, sync::LazyLock, time::Duration};

use chrono::NaiveDate;
use ecstrail_converter::{ParseShardError, Shard};
use ecstrail_query::{DAY_FORMS, DayBound};

use crate::clock;

const TOO_LARGE: &str = "too large: give a size such as 2GiB";

/// Reads an amount of memory such as `512MiB`, `2GiB` or `1500000000`.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    const SMALLEST: usize = 128 << 20;
    match usize::try_from(parse_bytes(text)?) {
        Ok(bytes) if bytes >= SMALLEST => Ok(bytes),
        Ok(_) => Err("too small: give at least 128MiB".to_owned()),
        Err(_) => Err(TOO_LARGE.to_owned()),
    }
}

/// Reads a number of threads; 0 is one for each core.
pub(crate) fn parse_threads(text: &str) -> Result<usize, String> {
    const MOST: usize = 1024;
    let threads = text.parse().ok().filter(|threads| *threads <= MOST);
    threads.ok_or_else(|| format!("give a number from 1 to {MOST}, or 0 for one thread per core"))
}

/// Reads a number of partitions.
pub(super) fn parse_partitions(text: &str) -> Result<usize, String> {
    let partitions = text.parse().ok().filter(|partitions| *partitions > 0);
    partitions.ok_or_else(|| "give a number of partitions, 1 or more".to_owned())
}

/// Reads a number of bytes such as `64KiB`, `2GiB` or `1500000000`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        unit => return Err(format!("unknown unit {unit}: use KiB, MiB or GiB")),
    };
    let number: u64 =
        digits.trim().parse().map_err(|_| "give a number and a unit, such as 1GiB".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| TOO_LARGE.to_owned())
}

/// Reads a shard such as `3/8`, or takes it from the array job of AWS Batch that this is a part of.
pub(super) fn parse_shard(text: &str) -> Result<Shard, String> {
    const INDEX: &str = "AWS_BATCH_JOB_ARRAY_INDEX";
    const SIZE: &str = "AWS_BATCH_JOB_ARRAY_SIZE";
    if text != "auto" {
        return text.parse().map_err(|error: ParseShardError| format!("{error}, or auto"));
    }
    let number = |name| env::var(name).ok()?.parse::<u32>().ok();
    let shard = number(INDEX).zip(number(SIZE));
    // AWS counts from 0.
    let shard = shard.and_then(|(index, size)| Shard::new(index.checked_add(1)?, size));
    shard.ok_or_else(|| {
        format!(
            "{INDEX} and {SIZE} name no shard: they are set in array jobs of AWS Batch; elsewhere, give \
             a shard such as 3/8"
        )
    })
}

/// Reads a share such as `5%` or `0.05`.
pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().ok().map(|number| number / whole);
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "give a share such as 5% or 0.05".to_owned())
}

/// Reads the first UTC day of a range, such as `2026-04-27`, `yesterday` or `last-week`.
pub(super) fn parse_first_day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text, DayBound::First)
}

/// Reads the last UTC day of a range.
pub(super) fn parse_last_day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text, DayBound::Last)
}

fn parse_day(text: &str, bound: DayBound) -> Result<NaiveDate, String> {
    let day = ecstrail_query::parse_day(text, clock::today(), bound);
    day.ok_or_else(|| format!("give a day: {DAY_FORMS}"))
}

/// Reads an age such as `90m`, `24h` or `7d`.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    let expected = || "give a number and s, m, h or d, such as 24h".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(expected()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| expected())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(expected)
}

/// Reads an interval such as `15m` or `1h`.
pub(super) fn parse_interval(text: &str) -> Result<Duration, String> {
    const SHORTEST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_hours(7 * 24);
    let interval = parse_age(text).ok();
    let interval = interval.filter(|interval| (SHORTEST..=LONGEST).contains(interval));
    interval.ok_or_else(|| "give an interval of 1s to 7d, such as 15m or 1h".to_owned())
}

/// Reads the name of a service's host, a Region or an account.
pub(super) fn parse_name(text: &str) -> Result<String, String> {
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_name) {
        Ok(text.to_owned())
    } else {
        Err("use only lowercase letters, digits, `.` and `-`".to_owned())
    }
}

/// Reads an event source, or `all`. Event sources are hosts; people type the service's name.
pub(super) fn parse_event_source(text: &str) -> Result<String, String> {
    const HOST: &str = ".amazonaws.com";
    let lower = text.trim().to_ascii_lowercase();
    if lower == "all" {
        return Ok(lower);
    }
    // Names of sources in EventBridge, and hosts other than those of APIs.
    let bare = lower.strip_prefix("aws.").or_else(|| lower.strip_prefix("aws:")).unwrap_or(&lower);
    let endings = [HOST, ".amazonaws", ".aws.amazon.com", ".amazon.com", ".aws"];
    let service = endings.iter().find_map(|ending| bare.strip_suffix(ending)).unwrap_or(bare);
    let is_meant = lower.ends_with(HOST) || (lower.contains('.') && service == lower);
    if is_meant && lower == text {
        return parse_name(text);
    }
    if parse_name(service).is_ok() && (is_meant || !service.contains('.')) {
        let meant = if is_meant { lower } else { format!("{service}{HOST}") };
        return Err(format!("an event source is a lowercase host name: give {meant}"));
    }
    Err("give the host name of a service, such as ecs.amazonaws.com, or all".to_owned())
}

/// Reads an account ID, also as the console shows it: `1111-2222-3333`.
pub(super) fn parse_account(text: &str) -> Result<String, String> {
    let account: String = text.trim().chars().filter(|character| *character != '-').collect();
    if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("give the 12 digits of an account ID, such as 111122223333".to_owned());
    }
    match account.len() {
        12 => Ok(account),
        digits @ ..12 => Err(format!(
            "an account ID has 12 digits, this one has {digits}: if leading zeros were lost, give \
             {account:0>12}"
        )),
        digits => Err(format!("an account ID has 12 digits, this one has {digits}")),
    }
}

/// Reads a Region, such as `us-east-1`.
pub(super) fn parse_region(text: &str) -> Result<String, String> {
    let lower = text.trim().to_ascii_lowercase();
    let is_region = |name: &str| {
        let mut parts = name.split('-').rev();
        let last = parts.next().unwrap_or_default();
        let is_last = last == "global"
            || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
        let is_word = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
        let words: Vec<&str> = parts.collect();
        is_last && !words.is_empty() && words.iter().all(|part| part.len() > 1 && is_word(part))
    };
    let zone = lower.strip_suffix(|last: char| last.is_ascii_lowercase());
    match zone {
        _ if is_region(&lower) && lower == text => Ok(lower),
        _ if is_region(&lower) => Err(format!("Region codes are lowercase: give {lower}")),
        Some(region) if is_region(region) => {
            Err(format!("{text} is an Availability Zone: give its Region, {region}"))
        }
        _ => Err("give a Region code, such as us-east-1".to_owned()),
    }
}

/// The operations of Amazon ECS.
static ECS_OPERATIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let model = include_str!("../../../data-samples/ecs_operations.json");
    let operations: serde_json::Map<_, _> = serde_json::from_str(model).unwrap_or_default();
    operations.into_iter().map(|(name, _)| name).collect()
});

/// Returns the operations of Amazon ECS.
pub(crate) fn ecs_operations() -> impl Iterator<Item = &'static str> {
    ECS_OPERATIONS.iter().map(String::as_str)
}

/// Reads the name of an event of any service. Names that differ from an Amazon ECS operation only
/// by case are rejected.
pub(super) fn parse_event_name(text: &str) -> Result<String, String> {
    let meant = ECS_OPERATIONS.iter().find(|name| name.eq_ignore_ascii_case(text));
    if let Some(meant) = meant.filter(|name| *name != text) {
        return Err(format!("event names are case-sensitive: give {meant}"));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err("use only letters and digits".to_owned())
    }
}

/// Reads a parameter of a report and its value.
pub(super) fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err("give NAME=VALUE".to_owned()),
    }
}

/// Reads the name of a database: letters, digits and `_`, as Athena and Hive allow.
pub(super) fn parse_database(text: &str) -> Result<String, String> {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if text.is_empty() || text.len() > 128 || !text.bytes().all(is_word) {
        return Err("give lowercase letters, digits and `_`".to_owned());
    }
    Ok(text.to_owned())
}

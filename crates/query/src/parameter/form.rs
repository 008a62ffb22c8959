//! The forms of accounts, Regions, event sources, event names, and time zones, and corrections for
//! texts that do not have them.

use chrono_tz::{TZ_VARIANTS, Tz};
use ecstrail_converter::PartitionKey;

const ACCOUNT_DIGITS: usize = 12;

/// The domain of nearly all event sources:
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
const AWS_DOMAIN: &str = ".amazonaws.com";

pub(super) fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && is_digits(text)
}

/// Returns whether a partition can have this Region.
pub(super) fn is_region(text: &str) -> bool {
    PartitionKey::new(0, text).region == text
}

pub(super) fn is_event_source(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_letter =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(is_letter)
    };
    text.contains('.') && text.split('.').all(is_label)
}

pub(super) fn is_event_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// Restores an account ID: spreadsheets drop leading zeros, consoles show `1111-2222-3333`.
pub(super) fn corrected_account(text: &str) -> Option<String> {
    const FEWEST_DIGITS: usize = 9;
    let digits = text.trim().replace('-', "");
    (digits.len() >= FEWEST_DIGITS && is_digits(&digits))
        .then(|| format!("{digits:0>ACCOUNT_DIGITS$}"))
}

/// `ecs`, `ECS.amazonaws.com` and `https://ecs.amazonaws.com/` all mean
/// `ecs.amazonaws.com`.
pub(super) fn corrected_event_source(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let host = text.strip_prefix("https://").unwrap_or(&text).trim_end_matches('/');
    let service = host.split('.').next().filter(|service| !service.is_empty())?;
    Some(if is_event_source(host) { host.to_owned() } else { format!("{service}{AWS_DOMAIN}") })
}

/// Returns the names of all time zones.
pub fn time_zones() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name())
}

pub(super) fn is_time_zone(text: &str) -> bool {
    text.parse::<Tz>().is_ok()
}

/// `europe/berlin`, `Europe / Berlin` and `Berlin` all mean `Europe/Berlin`.
pub(super) fn corrected_time_zone(text: &str) -> Option<String> {
    let wanted: String = text.split_whitespace().collect::<Vec<_>>().join("_").replace("_/_", "/");
    let is_city = |name: &str| {
        name.rsplit_once('/').is_some_and(|(_, city)| city.eq_ignore_ascii_case(&wanted))
    };
    let whole = time_zones().find(|name| name.eq_ignore_ascii_case(&wanted));
    whole.or_else(|| time_zones().find(|name| is_city(name))).map(ToOwned::to_owned)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use crate::parameter::ParameterType::{
        self, Account, EventName, EventSource, Region, TimeZone,
    };

    #[test]
    fn forms_and_what_was_meant() {
        type Case = (ParameterType, &'static str, Option<&'static str>);
        let right = |kind: ParameterType, text: &str| {
            assert!(kind.accepts(text), "{kind} {text}");
            assert_eq!(kind.correction(text), None, "{kind} {text}");
        };
        right(Account, "111122223333");
        right(Region, "us-gov-west-1");
        right(Region, "unknown");
        right(EventSource, "ecs.amazonaws.com");
        right(EventSource, "console.amazonaws.cn");
        right(EventSource, "catalog-marketplace.amazonaws.com");
        right(EventName, "UpdateService");
        right(EventName, "Invoke20150331");
        right(EventName, "iot:Connect");
        right(TimeZone, "Europe/Berlin");
        right(TimeZone, "UTC");
        right(TimeZone, "Etc/GMT-2");
        let wrong: [Case; 22] = [
            (Account, "11122223333", Some("011122223333")),
            (Account, "1111-2222-3333", Some("111122223333")),
            (Account, " 111122223333", Some("111122223333")),
            (Account, "1111222233334", None),
            (Account, "production", None),
            (Account, "", None),
            (Region, "EU-WEST-1", Some("eu-west-1")),
            (Region, "Ireland", None),
            (Region, "eu-west-1/../x", None),
            (EventSource, "ecs", Some("ecs.amazonaws.com")),
            (EventSource, "ECS.amazonaws.com", Some("ecs.amazonaws.com")),
            (EventSource, "https://ecs.amazonaws.com/", Some("ecs.amazonaws.com")),
            (EventSource, "", None),
            (EventName, "Update Service", None),
            (EventName, "UpdateService ", Some("UpdateService")),
            (TimeZone, "europe/berlin", Some("Europe/Berlin")),
            (TimeZone, "Berlin", Some("Europe/Berlin")),
            (TimeZone, "new york", Some("America/New_York")),
            (TimeZone, "utc", Some("UTC")),
            (TimeZone, "+02:00", None),
            (TimeZone, "Mars/Olympus", None),
            (TimeZone, "", None),
        ];
        for (kind, text, corrected) in wrong {
            assert!(!kind.accepts(text), "{kind} {text}");
            assert_eq!(kind.correction(text).as_deref(), corrected, "{kind} {text}");
        }
    }
}

//! Parameters of reports: their types, the values users give, and the values that queries bind.
//! A value is checked and typed before planning and never becomes part of the SQL text.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Days, NaiveDate};
use datafusion::scalar::ScalarValue;

mod day;
mod form;
mod name;
mod standard;
#[cfg(test)]
mod tests;

pub use day::{DAY_FORMS, DayBound, parse_day};
pub use form::time_zones;
pub(crate) use name::{Name, Named};

/// The arguments of a report: values as users write them, by parameter name.
pub type Arguments = BTreeMap<String, String>;

/// A parameter of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name, without the `$`.
    pub name: String,
    /// Type of its value.
    pub kind: ParameterType,
    /// Default value; `None` if the parameter is required.
    pub default: Option<DefaultValue>,
    /// Description.
    pub description: String,
}

impl Parameter {
    /// Returns the typed default, unless there is none, or it depends on the day that it is used on.
    pub(crate) fn fixed_default(&self) -> Option<ScalarValue> {
        match self.default.as_ref()? {
            DefaultValue::Null => Some(self.kind.null()),
            DefaultValue::Value(text) => {
                let on = |day| self.kind.value(text, day, DayBound::of(&self.name));
                let days = [NaiveDate::MIN, NaiveDate::default()].map(|day| day + Days::new(31));
                let [once, later] = days.map(on);
                once.filter(|once| later.as_ref() == Some(once))
            }
        }
    }
}

/// The default value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// NULL.
    Null,
    /// A value as users write it; days such as `today` and `7d` are resolved on each use.
    Value(String),
}

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// Text.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit floating-point number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A UTC day, as [`parse_day`] reads it.
    Date,
    /// A timestamp: RFC 3339, or a day for its first instant.
    Timestamp,
    /// A cluster: its name or ARN. Bound as its name.
    Cluster,
    /// A service: its name, `cluster/service`, or ARN. Bound as its name.
    Service,
    /// A task: its ID, `cluster/ID`, or ARN. Bound as its ID.
    Task,
    /// A task definition: `family`, `family:revision`, or ARN. Bound as `family` or
    /// `family:revision`.
    TaskDefinition,
    /// An account: its 12 digits.
    Account,
    /// A Region, such as `eu-west-1`; `unknown` for records that have none.
    Region,
    /// Part of a caller's name, or of the name of the person behind it.
    Actor,
    /// An event source: the host of a service, such as `ecs.amazonaws.com`.
    EventSource,
    /// An event name, such as `UpdateService`.
    EventName,
    /// A time zone by its IANA name, such as `Europe/Berlin`.
    TimeZone,
}

impl ParameterType {
    const ALL: [Self; 16] = [
        Self::Text,
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::Date,
        Self::Timestamp,
        Self::Cluster,
        Self::Service,
        Self::Task,
        Self::TaskDefinition,
        Self::Account,
        Self::Region,
        Self::Actor,
        Self::EventSource,
        Self::EventName,
        Self::TimeZone,
    ];

    /// The name, as in a report's text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Cluster => "cluster",
            Self::Service => "service",
            Self::Task => "task",
            Self::TaskDefinition => "task_definition",
            Self::Account => "account",
            Self::Region => "region",
            Self::Actor => "actor",
            Self::EventSource => "event_source",
            Self::EventName => "event_name",
            Self::TimeZone => "time_zone",
        }
    }

    /// The names of all types, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The kind of resource that the value names, if its names are normalized.
    pub(crate) fn named(self) -> Option<Named> {
        match self {
            Self::Cluster => Some(Named::Cluster),
            Self::Service => Some(Named::Service),
            Self::Task => Some(Named::Task),
            Self::TaskDefinition => Some(Named::TaskDefinition),
            _ => None,
        }
    }

    /// The expected form of a value, to follow "`x` is not".
    pub(crate) fn expectation(self) -> String {
        let expected = match self {
            Self::Date => return format!("a day: give {DAY_FORMS}"),
            Self::Timestamp => {
                return format!("a timestamp: give 2026-04-27T02:18:03Z or a day ({DAY_FORMS})");
            }
            Self::Text => "text",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Cluster => "a cluster: give its name or its ARN",
            Self::Service => "a service: give its name, cluster/service, or its ARN",
            Self::Task => "a task: give its ID, cluster/ID, or its ARN",
            Self::TaskDefinition => "a task definition: give family, family:revision, or its ARN",
            Self::Account => "an account: give its 12 digits",
            Self::Region => "a Region such as eu-west-1",
            Self::Actor => "part of a name",
            Self::EventSource => "an event source such as ecs.amazonaws.com",
            Self::EventName => "an event name such as UpdateService",
            Self::TimeZone => "a time zone: give a name such as Europe/Berlin, or UTC",
        };
        expected.to_owned()
    }

    /// Returns whether a text has the form of this type, for types that only restrict the form.
    pub(crate) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Account => form::is_account(text),
            Self::Region => form::is_region(text),
            Self::EventSource => form::is_event_source(text),
            Self::EventName => form::is_event_name(text),
            Self::TimeZone => form::is_time_zone(text),
            _ => true,
        }
    }

    /// The value that may have been meant by a text that does not have the form of this type.
    pub(crate) fn correction(self, text: &str) -> Option<String> {
        let corrected = match self {
            Self::Account => form::corrected_account(text),
            Self::Region => Some(text.trim().to_ascii_lowercase()),
            Self::EventSource => form::corrected_event_source(text),
            Self::EventName => Some(text.trim().to_owned()),
            Self::TimeZone => form::corrected_time_zone(text),
            _ => None,
        };
        corrected.filter(|corrected| corrected != text && self.accepts(corrected))
    }

    /// Returns the typed value of a text, `None` if it is not of this type.
    pub(crate) fn value(
        self,
        text: &str,
        today: NaiveDate,
        bound: DayBound,
    ) -> Option<ScalarValue> {
        Some(match self {
            Self::Text
            | Self::Cluster
            | Self::Service
            | Self::Task
            | Self::TaskDefinition
            | Self::Account
            | Self::Region
            | Self::Actor
            | Self::EventSource
            | Self::EventName
            | Self::TimeZone => {
                self.accepts(text).then(|| ScalarValue::Utf8(Some(text.to_owned())))?
            }
            Self::Integer => ScalarValue::Int64(Some(text.parse().ok()?)),
            Self::Number => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite())?;
                ScalarValue::Float64(Some(number))
            }
            Self::Boolean => ScalarValue::Boolean(Some(text.parse().ok()?)),
            Self::Date => ScalarValue::Date32(Some(days(parse_day(text, today, bound)?)?)),
            Self::Timestamp => instant(text, today, bound).map(timestamp)?,
        })
    }

    fn null(self) -> ScalarValue {
        match self {
            Self::Text
            | Self::Cluster
            | Self::Service
            | Self::Task
            | Self::TaskDefinition
            | Self::Account
            | Self::Region
            | Self::Actor
            | Self::EventSource
            | Self::EventName
            | Self::TimeZone => ScalarValue::Utf8(None),
            Self::Integer => ScalarValue::Int64(None),
            Self::Number => ScalarValue::Float64(None),
            Self::Boolean => ScalarValue::Boolean(None),
            Self::Date => ScalarValue::Date32(None),
            Self::Timestamp => ScalarValue::TimestampMicrosecond(None, Some("UTC".into())),
        }
    }
}

impl fmt::Display for ParameterType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ParameterType {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(())
    }
}

fn days(day: NaiveDate) -> Option<i32> {
    i32::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

fn instant(text: &str, today: NaiveDate, bound: DayBound) -> Option<i64> {
    if let Some(day) = parse_day(text, today, bound) {
        return Some(i64::from(days(day)?) * 86_400_000_000);
    }
    Some(DateTime::parse_from_rfc3339(text).ok()?.timestamp_micros())
}

fn timestamp(microseconds: i64) -> ScalarValue {
    ScalarValue::TimestampMicrosecond(Some(microseconds), Some("UTC".into()))
}

/// The typed values of the `$parameters` of a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bindings(BTreeMap<String, (ParameterType, ScalarValue)>);

impl Bindings {
    /// Binds every argument as text, for SQL without declared parameters.
    pub fn texts(arguments: &Arguments) -> Self {
        let typed = |text: &String| (ParameterType::Text, ScalarValue::Utf8(Some(text.clone())));
        Self(arguments.iter().map(|(name, text)| (name.clone(), typed(text))).collect())
    }

    /// Binds a parameter to a value, `None` for NULL. Returns whether the value is of its type.
    pub(crate) fn bind(
        &mut self,
        name: &str,
        kind: ParameterType,
        text: Option<&str>,
        today: NaiveDate,
    ) -> bool {
        let value = match text {
            Some(text) => kind.value(text, today, DayBound::of(name)),
            None => Some(kind.null()),
        };
        value.is_some_and(|value| {
            self.0.insert(name.to_owned(), (kind, value));
            true
        })
    }

    /// Binds a parameter if there is a value of its type. Returns whether there is.
    pub(crate) fn bind_some(
        &mut self,
        name: &str,
        kind: ParameterType,
        text: Option<&str>,
    ) -> bool {
        text.is_some_and(|text| self.bind(name, kind, Some(text), NaiveDate::default()))
    }

    /// The text that a parameter is bound to, unless it is the parameter's default.
    pub(crate) fn given_text(&self, parameter: &Parameter) -> Option<String> {
        let (_, value) = self.0.get(&parameter.name)?;
        let ScalarValue::Utf8(Some(text)) = value else { return None };
        let is_default =
            matches!(&parameter.default, Some(DefaultValue::Value(default)) if default == text);
        (!is_default).then(|| text.clone())
    }

    /// The text that a parameter is bound to; `None` if it is NULL, of another type, or not bound.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.value(name) {
            Some(ScalarValue::Utf8(text)) => text.clone(),
            _ => None,
        }
    }

    pub(crate) fn kind(&self, name: &str) -> Option<ParameterType> {
        self.0.get(name).map(|(kind, _)| *kind)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&ScalarValue> {
        self.0.get(name).map(|(_, value)| value)
    }

    pub(crate) fn values(&self) -> Vec<(String, ScalarValue)> {
        self.0.iter().map(|(name, (_, value))| (name.clone(), value.clone())).collect()
    }

    /// Types without values, for a query that is translated but not run.
    pub(crate) fn declared(parameters: &[Parameter]) -> Self {
        let typed = parameters.iter().map(|one| (one.name.clone(), (one.kind, one.kind.null())));
        Self(typed.collect())
    }

    #[cfg(test)]
    pub(crate) fn of(kinds: BTreeMap<&str, ParameterType>) -> Self {
        Self(kinds.into_iter().map(|(name, kind)| (name.to_owned(), (kind, kind.null()))).collect())
    }
}

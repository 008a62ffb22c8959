//! Which part of a dataset a question asks about: days, a region, an account.

use std::fmt;

use chrono::NaiveDate;
use datafusion::scalar::ScalarValue;

use crate::parameter::{Bindings, ParameterType};

/// The part of a dataset that a question asks about; `None` is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// First UTC day.
    pub from: Option<NaiveDate>,
    /// Last UTC day, inclusive.
    pub until: Option<NaiveDate>,
    /// Region of the partitions.
    pub region: Option<String>,
    /// Account of the events.
    pub account: Option<String>,
}

impl Scope {
    /// Reads the scope off the parameters `from`, `until`, `region` and `account` of a report.
    /// A list of several is none.
    pub fn of(bindings: &Bindings) -> Self {
        let mut scope = Self::default();
        let one = |text: Option<String>| text.filter(|text| !text.contains(','));
        for (name, value) in bindings.values() {
            match (name.as_str(), value) {
                ("from", ScalarValue::Date32(Some(day))) => scope.from = date(day),
                ("until", ScalarValue::Date32(Some(day))) => scope.until = date(day),
                ("region", ScalarValue::Utf8(region)) => scope.region = one(region),
                ("account", ScalarValue::Utf8(account)) => scope.account = one(account),
                _ => {}
            }
        }
        scope
    }

    /// The region and account without the days.
    #[must_use]
    pub fn on_all_days(&self) -> Self {
        Self { from: None, until: None, ..self.clone() }
    }

    pub(super) fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Conditions of SQL, each with ` AND ` in front, and adds what their parameters are bound to.
    pub(super) fn conditions(&self, bindings: &mut Bindings) -> String {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let mut conditions = String::new();
        for (name, value, kind, condition) in [
            ("from", day(self.from), ParameterType::Date, "date >= $from"),
            ("until", day(self.until), ParameterType::Date, "date <= $until"),
            ("region", self.region.clone(), ParameterType::Text, "region = $region"),
            ("account", self.account.clone(), ParameterType::Text, "account_id = $account"),
        ] {
            if bindings.bind_some(name, kind, value.as_deref()) {
                conditions.push_str(" AND ");
                conditions.push_str(condition);
            }
        }
        conditions
    }
}

fn date(day: i32) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(chrono::TimeDelta::days(day.into()))
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match (self.from, self.until) {
            (None, None) => None,
            (Some(from), Some(until)) if from == until => Some(format!("on {from}")),
            (Some(from), Some(until)) => Some(format!("from {from} to {until}")),
            (Some(from), None) => Some(format!("since {from}")),
            (None, Some(until)) => Some(format!("until {until}")),
        };
        let account = self.account.as_ref().map(|account| format!("of account {account}"));
        let region = self.region.as_ref().map(|region| format!("in {region}"));
        let parts: Vec<_> = [account, region, days].into_iter().flatten().collect();
        formatter.write_str(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_in_words() {
        let day = |text: &str| text.parse().ok();
        let scope = |from, until, region: Option<&str>, account: Option<&str>| Scope {
            from,
            until,
            region: region.map(str::to_owned),
            account: account.map(str::to_owned),
        };
        let (first, last) = (day("2026-04-01"), day("2026-04-30"));
        for (scope, text) in [
            (Scope::default(), ""),
            (scope(first, last, None, None), "from 2026-04-01 to 2026-04-30"),
            (scope(first, first, Some("eu-west-1"), None), "in eu-west-1 on 2026-04-01"),
            (scope(first, None, None, Some("1")), "of account 1 since 2026-04-01"),
            (
                scope(None, last, Some("eu-west-1"), Some("1")),
                "of account 1 in eu-west-1 until 2026-04-30",
            ),
        ] {
            assert_eq!(scope.to_string(), text);
        }
    }
}

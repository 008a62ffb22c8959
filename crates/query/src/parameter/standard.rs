//! The standard parameters: a report has them by using them, without declaring them.

use super::{DefaultValue, Parameter, ParameterType};

/// Name, type and description, in the order in which reports show them. Each defaults to NULL.
const STANDARD: [(&str, ParameterType, &str); 4] = [
    ("from", ParameterType::Date, "First day; from the beginning when left out"),
    ("until", ParameterType::Date, "Last day, inclusive; to the end when left out"),
    ("region", ParameterType::Region, "Region; all when left out"),
    ("account", ParameterType::Account, "Account; all when left out"),
];

impl Parameter {
    /// The parameters that a report may use without declaring them: `from` and `until` (days),
    /// `region` and `account`, in this order.
    pub fn standard() -> impl Iterator<Item = Self> {
        STANDARD.into_iter().map(|(name, kind, description)| Self {
            name: name.to_owned(),
            kind,
            default: Some(DefaultValue::Null),
            description: description.to_owned(),
        })
    }
}

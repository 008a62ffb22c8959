//! The standard parameters: a report that uses them does not have to declare them.

use super::{DefaultValue, Parameter, ParameterType};

/// Name, type and description, in the order in which reports show them. Each defaults to NULL.
const STANDARD: [(&str, ParameterType, &str); 4] = [
    ("from", ParameterType::Date, "First day; default: the dataset's first day"),
    ("until", ParameterType::Date, "Last day, inclusive; default: the dataset's last day"),
    ("region", ParameterType::Region, "Region; default: all"),
    ("account", ParameterType::Account, "Account; default: all"),
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

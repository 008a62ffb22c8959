//! The views over the table `events`, which reports use: one row per element of a list, or per call
//! with what is known from earlier calls.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use crate::{
    error::Result,
    parameter::Bindings,
    portable::{Dialect, Values, statement, translate},
};

mod elements;

use elements::Elements;

/// A view over the table `events`, with all its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Name in SQL.
    pub name: &'static str,
    /// Description of a row.
    pub description: &'static str,
    rows: Rows,
}

/// The rows of a view, and the columns that it adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    Elements(Elements),
    Calls(Calls),
}

/// Calls, with columns that a query in portable SQL computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Calls {
    columns: &'static [&'static str],
    sql: &'static str,
}

/// The windows are partitioned by account, region, cluster and service alone, so that engines apply
/// filters on these before the windows.
const SERVICE_CHANGES: Calls = Calls {
    columns: &[
        "names_task_definition",
        "previous_task_definition_arn",
        "previous_task_definition_family",
        "previous_task_definition_revision",
        "previous_desired_count",
    ],
    sql: include_str!("views/service_changes.sql"),
};

/// Every view.
pub(crate) const VIEWS: [View; 7] = [
    View {
        name: "containers",
        description: "A container of a task definition, task or state change.",
        rows: Rows::Elements(Elements {
            position: "container_position",
            columns: &[
                ("container_name", "container_names"),
                ("container_image", "container_images"),
                ("container_user", "container_users"),
                ("container_command", "container_commands"),
                ("container_exit_code", "container_exit_codes"),
                ("container_reason", "container_reasons"),
            ],
        }),
    },
    View {
        name: "environment_variables",
        description: "An environment variable of a task definition, by its name.",
        rows: Rows::Elements(Elements {
            position: "environment_position",
            columns: &[("environment_name", "environment_names")],
        }),
    },
    View {
        name: "failures",
        description: "A failure that a call reported without an error code.",
        rows: Rows::Elements(Elements {
            position: "failure_position",
            columns: &[
                ("failure_arn", "failure_arns"),
                ("failure_reason", "failure_reasons"),
                ("failure_detail", "failure_details"),
            ],
        }),
    },
    View {
        name: "resources",
        description: "A resource that CloudTrail names for the event.",
        rows: Rows::Elements(Elements {
            position: "resource_position",
            columns: &[
                ("resource_arn", "resource_arns"),
                ("resource_type", "resource_types"),
                ("resource_account_id", "resource_account_ids"),
            ],
        }),
    },
    View {
        name: "service_changes",
        description: "A successful call that created or updated a service, with the last known state before it.",
        rows: Rows::Calls(SERVICE_CHANGES),
    },
    View {
        name: "tags",
        description: "A tag that the call set.",
        rows: Rows::Elements(Elements {
            position: "tag_position",
            columns: &[("tag_key", "map_keys(tags)"), ("tag_value", "map_values(tags)")],
        }),
    },
    View {
        name: "tasks",
        description: "A task that the call is about.",
        rows: Rows::Elements(Elements {
            position: "task_position",
            columns: &[
                ("task_arn", "task_arns"),
                ("task_id", "task_ids"),
                ("task_last_status", "task_last_statuses"),
                ("availability_zone", "availability_zones"),
            ],
        }),
    },
];

impl View {
    /// Returns the view's query in an engine's SQL.
    pub(crate) fn query(&self, dialect: Dialect) -> Result<String> {
        match self.rows {
            Rows::Elements(elements) => Ok(elements.query(dialect)),
            Rows::Calls(Calls { sql, .. }) => {
                let parsed = statement::parse(sql)?;
                Ok(translate(parsed, &Bindings::default(), Values::Written, dialect)?.sql)
            }
        }
    }

    /// The columns that it has besides those of `events`, each with the list that its values are the
    /// elements of, if there is one.
    pub(crate) fn columns(&self) -> Vec<(&'static str, Option<&'static str>)> {
        match self.rows {
            Rows::Elements(Elements { position, columns }) => {
                let elements = columns.iter().map(|(name, list)| (*name, Some(*list)));
                [(position, None)].into_iter().chain(elements).collect()
            }
            Rows::Calls(Calls { columns, .. }) => {
                columns.iter().map(|name| (*name, None)).collect()
            }
        }
    }

    /// The query in portable SQL, unless engines unnest its rows differently. It names every column
    /// of `events` that the view depends on.
    pub(crate) fn portable_query(&self) -> Option<&'static str> {
        match self.rows {
            Rows::Elements(_) => None,
            Rows::Calls(Calls { sql, .. }) => Some(sql),
        }
    }

    /// Returns the statement that creates the view in an engine.
    pub(crate) fn statement(&self, dialect: Dialect) -> Result<String> {
        let create = dialect.create_view();
        Ok(format!("{create} {} AS\n{};", self.name, self.query(dialect)?))
    }
}

/// Returns the statements that create the views where the table `events` exists.
///
/// # Errors
/// [`Error::NotPortable`](crate::Error::NotPortable) if a view cannot be translated.
pub fn views_as_sql(dialect: Dialect) -> Result<String> {
    let mut sql = dialect.session().map(|set| format!("{set}\n")).unwrap_or_default();
    for view in &VIEWS {
        // Writing to a String cannot fail.
        let _ = writeln!(sql, "-- {}\n{}", view.description, view.statement(dialect)?);
    }
    Ok(sql)
}

#[derive(Debug, Serialize)]
struct Described {
    name: &'static str,
    description: &'static str,
    /// The columns that it has besides those of `events`.
    columns: Vec<DescribedColumn>,
    /// What creates it, by engine.
    sql: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct DescribedColumn {
    name: &'static str,
    /// The list that its values are the elements of; NULL for the place in it.
    elements_of: Option<&'static str>,
}

/// Returns the views as a JSON array: their columns and the statements that create them, by engine.
///
/// # Errors
/// Those of [`views_as_sql`].
pub fn views_as_json(dialects: &[Dialect]) -> Result<String> {
    let described = VIEWS.iter().map(|view| {
        let columns = view.columns().into_iter();
        let columns = columns.map(|(name, elements_of)| DescribedColumn { name, elements_of });
        let statement = |dialect: &Dialect| Ok((dialect.name(), view.statement(*dialect)?));
        Ok(Described {
            name: view.name,
            description: view.description,
            columns: columns.collect(),
            sql: dialects.iter().map(statement).collect::<Result<_>>()?,
        })
    });
    // Plain texts and lists cannot fail to be JSON.
    let described = described.collect::<Result<Vec<_>>>()?;
    Ok(serde_json::to_string_pretty(&described).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use ecstrail_converter::COLUMNS;

    use super::*;
    use crate::table::{DATE, REGION};

    #[test]
    fn views_add_columns_of_their_own() {
        let columns: Vec<_> =
            COLUMNS.iter().map(|column| column.name).chain([DATE, REGION]).collect();
        for view in &VIEWS {
            for (name, list) in view.columns() {
                assert!(!columns.contains(&name), "{name}");
                let Some(list) = list else { continue };
                let column = list.rsplit_once('(').map_or(list, |(_, rest)| rest);
                assert!(columns.contains(&column.trim_end_matches(')')), "{list}");
            }
        }
    }
}

//! Views with one row per element of a list: engines unnest lists differently, so reports use the
//! views.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use crate::portable::Dialect;

/// A view over the table `events`: all its columns, and one row for each element of lists that
/// belong together. Events whose lists are empty have no row in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Name in SQL.
    pub name: &'static str,
    /// Description of a row.
    pub description: &'static str,
    /// Name of the column with the element's position in its list, from 1.
    pub position: &'static str,
    /// The columns with the elements, and the list or keys or values that each is taken from.
    pub elements: &'static [(&'static str, &'static str)],
}

/// Every view.
pub(crate) const VIEWS: [View; 6] = [
    View {
        name: "containers",
        description: "A container of a task definition, task or state change.",
        position: "container_position",
        elements: &[
            ("container_name", "container_names"),
            ("container_image", "container_images"),
            ("container_user", "container_users"),
            ("container_command", "container_commands"),
            ("container_exit_code", "container_exit_codes"),
            ("container_reason", "container_reasons"),
        ],
    },
    View {
        name: "environment_variables",
        description: "An environment variable of a task definition, by its name.",
        position: "environment_position",
        elements: &[("environment_name", "environment_names")],
    },
    View {
        name: "failures",
        description: "A failure that a call reported without an error code.",
        position: "failure_position",
        elements: &[
            ("failure_arn", "failure_arns"),
            ("failure_reason", "failure_reasons"),
            ("failure_detail", "failure_details"),
        ],
    },
    View {
        name: "resources",
        description: "A resource that CloudTrail names for the event.",
        position: "resource_position",
        elements: &[
            ("resource_arn", "resource_arns"),
            ("resource_type", "resource_types"),
            ("resource_account_id", "resource_account_ids"),
        ],
    },
    View {
        name: "tags",
        description: "A tag that the call set.",
        position: "tag_position",
        elements: &[("tag_key", "map_keys(tags)"), ("tag_value", "map_values(tags)")],
    },
    View {
        name: "tasks",
        description: "A task that the call is about.",
        position: "task_position",
        elements: &[
            ("task_arn", "task_arns"),
            ("task_id", "task_ids"),
            ("task_last_status", "task_last_statuses"),
            ("availability_zone", "availability_zones"),
        ],
    },
];

impl View {
    /// Returns the view's query in an engine's SQL.
    pub(crate) fn query(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::DataFusion | Dialect::DuckDb => self.unnest_in_select(dialect),
            Dialect::Spark => self.lateral_view(),
            Dialect::Athena => self.cross_join_unnest(),
        }
    }

    fn names(&self) -> Vec<&str> {
        self.elements.iter().map(|(name, _)| *name).collect()
    }

    fn lists(&self) -> impl Iterator<Item = &str> {
        self.elements.iter().map(|(_, list)| *list)
    }

    /// Lists that are unnested side by side are filled up with NULL to the longest of them.
    fn unnest_in_select(&self, dialect: Dialect) -> String {
        let mut lengths = self.lists().map(|list| match dialect {
            Dialect::DuckDb => format!("coalesce(len({list}), 0)"),
            _ => format!("coalesce(CAST(array_length({list}) AS BIGINT), 0)"),
        });
        let longest = match self.elements {
            [_] => lengths.next().unwrap_or_default(),
            _ => format!("greatest({})", lengths.collect::<Vec<_>>().join(", ")),
        };
        let mut sql =
            format!("SELECT events.*, unnest(range(1, {longest} + 1)) AS {}", self.position);
        for (name, list) in self.elements {
            // Writing to a String cannot fail.
            let _ = write!(sql, ", unnest({list}) AS {name}");
        }
        sql + " FROM events"
    }

    fn lateral_view(&self) -> String {
        let lists: Vec<_> = self.lists().map(|list| format!("coalesce({list}, array())")).collect();
        let names = self.names().into_iter().enumerate();
        let columns: Vec<_> =
            names.map(|(number, name)| format!("element.`{number}` AS {name}")).collect();
        format!(
            "SELECT events.*, zero_based + 1 AS {}, {} FROM events \
             LATERAL VIEW posexplode(arrays_zip({})) AS zero_based, element",
            self.position,
            columns.join(", "),
            lists.join(", "),
        )
    }

    fn cross_join_unnest(&self) -> String {
        let names = self.names().join(", ");
        let lists: Vec<_> = self.lists().collect();
        format!(
            "SELECT events.*, {}, {names} FROM events \
             CROSS JOIN UNNEST({}) WITH ORDINALITY AS elements ({names}, {})",
            self.position,
            lists.join(", "),
            self.position,
        )
    }

    /// Returns the statement that creates the view in an engine.
    fn statement(&self, dialect: Dialect) -> String {
        let create = match dialect {
            Dialect::Spark => "CREATE OR REPLACE TEMPORARY VIEW",
            _ => "CREATE OR REPLACE VIEW",
        };
        format!("{create} {} AS\n{};", self.name, self.query(dialect))
    }
}

/// Returns what creates the views where the table `events` is there.
pub fn views_as_sql(dialect: Dialect) -> String {
    let mut sql = dialect.session().map(|set| format!("{set}\n")).unwrap_or_default();
    for view in &VIEWS {
        // Writing to a String cannot fail.
        let _ = writeln!(sql, "-- {}\n{}", view.description, view.statement(dialect));
    }
    sql
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
pub fn views_as_json(dialects: &[Dialect]) -> String {
    let described = VIEWS.iter().map(|view| {
        let position = DescribedColumn { name: view.position, elements_of: None };
        let elements = view
            .elements
            .iter()
            .map(|(name, list)| DescribedColumn { name, elements_of: Some(list) });
        let statement = |dialect: &Dialect| (dialect.name(), view.statement(*dialect));
        Described {
            name: view.name,
            description: view.description,
            columns: [position].into_iter().chain(elements).collect(),
            sql: dialects.iter().map(statement).collect(),
        }
    });
    // Plain texts and lists cannot fail to be JSON.
    serde_json::to_string_pretty(&described.collect::<Vec<_>>()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ecstrail_converter::COLUMNS;

    use super::*;
    use crate::table::{DATE, REGION};

    #[test]
    fn views_are_made_of_columns_and_add_none_twice() {
        let columns: Vec<_> =
            COLUMNS.iter().map(|column| column.name).chain([DATE, REGION]).collect();
        for view in &VIEWS {
            for (name, list) in view.elements {
                let column = list.rsplit_once('(').map_or(*list, |(_, rest)| rest);
                assert!(columns.contains(&column.trim_end_matches(')')), "{list}");
                assert!(!columns.contains(name), "{name}");
            }
            assert!(!columns.contains(&view.position), "{}", view.position);
        }
    }

    #[test]
    fn each_engine_takes_lists_apart_in_its_way() {
        let view = View {
            name: "pairs",
            description: "A pair.",
            position: "place",
            elements: &[("a", "aa"), ("b", "bb")],
        };
        for (dialect, expected) in [
            (
                Dialect::DataFusion,
                "SELECT events.*, unnest(range(1, greatest(coalesce(CAST(array_length(aa) AS BIGINT), 0), coalesce(CAST(array_length(bb) AS BIGINT), 0)) + 1)) AS place, unnest(aa) AS a, unnest(bb) AS b FROM events",
            ),
            (
                Dialect::DuckDb,
                "SELECT events.*, unnest(range(1, greatest(coalesce(len(aa), 0), coalesce(len(bb), 0)) + 1)) AS place, unnest(aa) AS a, unnest(bb) AS b FROM events",
            ),
            (
                Dialect::Spark,
                "SELECT events.*, zero_based + 1 AS place, element.`0` AS a, element.`1` AS b FROM events LATERAL VIEW posexplode(arrays_zip(coalesce(aa, array()), coalesce(bb, array()))) AS zero_based, element",
            ),
            (
                Dialect::Athena,
                "SELECT events.*, place, a, b FROM events CROSS JOIN UNNEST(aa, bb) WITH ORDINALITY AS elements (a, b, place)",
            ),
        ] {
            assert_eq!(view.query(dialect), expected);
        }
    }
}

//! Views with one row per element of a list, in each engine's SQL: engines unnest lists differently.

use std::fmt::Write as _;

use crate::portable::Dialect;

/// The elements of lists that belong together. Events whose lists are empty have no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Elements {
    /// Name of the column with the element's position in its list, from 1.
    pub(super) position: &'static str,
    /// The columns with the elements, and the list or keys or values that each is taken from.
    pub(super) columns: &'static [(&'static str, &'static str)],
}

impl Elements {
    /// Returns the query in an engine's SQL.
    pub(super) fn query(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::DataFusion | Dialect::DuckDb => self.unnest_in_select(dialect),
            Dialect::Spark => self.lateral_view(),
            Dialect::Athena => self.cross_join_unnest(),
        }
    }

    fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    fn lists(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(_, list)| *list)
    }

    /// Lists that are unnested side by side are filled up with NULL to the longest of them.
    fn unnest_in_select(&self, dialect: Dialect) -> String {
        let mut lengths = self.lists().map(|list| match dialect {
            Dialect::DuckDb => format!("coalesce(len({list}), 0)"),
            _ => format!("coalesce(CAST(array_length({list}) AS BIGINT), 0)"),
        });
        let longest = match self.columns {
            [_] => lengths.next().unwrap_or_default(),
            _ => format!("greatest({})", lengths.collect::<Vec<_>>().join(", ")),
        };
        let mut sql =
            format!("SELECT events.*, unnest(range(1, {longest} + 1)) AS {}", self.position);
        for (name, list) in self.columns {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_engine_takes_lists_apart_in_its_way() {
        let pairs = Elements { position: "n", columns: &[("a", "aa"), ("b", "bb")] };
        for (dialect, expected) in [
            (
                Dialect::DataFusion,
                "SELECT events.*, unnest(range(1, greatest(coalesce(CAST(array_length(aa) AS BIGINT), 0), coalesce(CAST(array_length(bb) AS BIGINT), 0)) + 1)) AS n, unnest(aa) AS a, unnest(bb) AS b FROM events",
            ),
            (
                Dialect::DuckDb,
                "SELECT events.*, unnest(range(1, greatest(coalesce(len(aa), 0), coalesce(len(bb), 0)) + 1)) AS n, unnest(aa) AS a, unnest(bb) AS b FROM events",
            ),
            (
                Dialect::Spark,
                "SELECT events.*, zero_based + 1 AS n, element.`0` AS a, element.`1` AS b FROM events LATERAL VIEW posexplode(arrays_zip(coalesce(aa, array()), coalesce(bb, array()))) AS zero_based, element",
            ),
            (
                Dialect::Athena,
                "SELECT events.*, n, a, b FROM events CROSS JOIN UNNEST(aa, bb) WITH ORDINALITY AS elements (a, b, n)",
            ),
        ] {
            assert_eq!(pairs.query(dialect), expected);
        }
    }
}

//! The functions that reports may call: those that all engines have under one name and with one
//! meaning, and those that are written in another way elsewhere.

use crate::portable::Dialect;

/// Functions that need no translation.
pub(super) const SHARED: [&str; 24] = [
    "abs",
    "avg",
    "coalesce",
    "count",
    "date_trunc",
    "dense_rank",
    "first_value",
    "lag",
    "last_value",
    "lead",
    "length",
    "lower",
    "max",
    "min",
    "nullif",
    "rank",
    "replace",
    "round",
    "row_number",
    "string_agg",
    "substr",
    "sum",
    "trim",
    "upper",
];

/// A function that engines call differently; `{0}`, `{1}` stand for its arguments.
#[derive(Debug)]
pub(super) struct Mapped {
    /// Name in a report, which is `DataFusion`'s.
    pub(super) name: &'static str,
    /// Number of its arguments.
    pub(super) arguments: usize,
    datafusion: &'static str,
    duckdb: &'static str,
    spark: &'static str,
    athena: &'static str,
}

/// Every mapped function.
const MAPPED: [Mapped; 10] = [
    // Seconds since 1970, the only way to tell how far two instants are apart.
    Mapped {
        name: "to_unixtime",
        arguments: 1,
        datafusion: "to_unixtime({0})",
        duckdb: "(epoch_ms({0}) // 1000)",
        spark: "unix_timestamp({0})",
        athena: "CAST(floor(to_unixtime({0})) AS BIGINT)",
    },
    // What clocks in a time zone show at an instant; without a zone of its own, which engines would
    // convert from once more.
    Mapped {
        name: "local_time",
        arguments: 2,
        datafusion: "local_time({0}, {1})",
        duckdb: "timezone({1}, {0})",
        spark: "from_utc_timestamp({0}, {1})",
        athena: "CAST(at_timezone(from_unixtime(to_unixtime({0})), {1}) AS timestamp)",
    },
    Mapped {
        name: "array_to_string",
        arguments: 2,
        datafusion: "array_to_string({0}, {1})",
        duckdb: "array_to_string({0}, {1})",
        spark: "array_join({0}, {1})",
        athena: "array_join({0}, {1})",
    },
    // NULL only where the list or what is looked for is.
    Mapped {
        name: "array_has",
        arguments: 2,
        datafusion: "array_has({0}, {1})",
        duckdb: "list_contains({0}, {1})",
        spark: "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN coalesce(array_contains({0}, {1}), false) END",
        athena: "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN coalesce(contains({0}, {1}), false) END",
    },
    // Unsigned in DataFusion, which makes a decimal of it in every sum.
    Mapped {
        name: "array_length",
        arguments: 1,
        datafusion: "CAST(array_length({0}) AS BIGINT)",
        duckdb: "len({0})",
        spark: "cardinality({0})",
        athena: "cardinality({0})",
    },
    Mapped {
        name: "array_element",
        arguments: 2,
        datafusion: "array_element({0}, {1})",
        duckdb: "list_extract({0}, {1})",
        spark: "try_element_at({0}, {1})",
        athena: "element_at({0}, {1})",
    },
    // Sorted, since DuckDB has no order in what is distinct, and without NULL, which it drops.
    Mapped {
        name: "array_except",
        arguments: 2,
        datafusion: "CASE WHEN {1} IS NOT NULL THEN array_sort(array_except({0}, array_append({1}, NULL))) END",
        duckdb: "CASE WHEN {1} IS NOT NULL THEN list_sort(list_distinct([item FOR item IN {0} IF NOT list_contains({1}, item)])) END",
        spark: "array_sort(array_except(array_compact({0}), {1}))",
        athena: "array_sort(array_except(filter({0}, item -> item IS NOT NULL), {1}))",
    },
    // Athena has NULL where there are fewer parts.
    Mapped {
        name: "split_part",
        arguments: 3,
        datafusion: "split_part({0}, {1}, {2})",
        duckdb: "split_part({0}, {1}, {2})",
        spark: "split_part({0}, {1}, {2})",
        athena: "coalesce(split_part({0}, {1}, {2}), CASE WHEN {0} IS NOT NULL THEN '' END)",
    },
    Mapped {
        name: "string_to_array",
        arguments: 2,
        datafusion: "string_to_array({0}, {1})",
        duckdb: "string_split({0}, {1})",
        spark: "split({0}, {1})",
        athena: "split({0}, {1})",
    },
    Mapped {
        name: "regexp_like",
        arguments: 2,
        datafusion: "regexp_like({0}, {1})",
        duckdb: "regexp_matches({0}, {1})",
        spark: "regexp_like({0}, {1})",
        athena: "regexp_like({0}, {1})",
    },
];

/// Returns the mapped function of a name.
pub(super) fn mapped(name: &str) -> Option<&'static Mapped> {
    MAPPED.iter().find(|function| function.name == name)
}

/// The names of the mapped functions.
#[cfg(test)]
pub(super) fn mapped_names() -> impl Iterator<Item = &'static str> {
    MAPPED.iter().map(|function| function.name)
}

impl Mapped {
    /// Returns the call in an engine's SQL, with its arguments in place.
    pub(super) fn call(&self, dialect: Dialect, arguments: &[String]) -> String {
        let template = match dialect {
            Dialect::DataFusion => self.datafusion,
            Dialect::DuckDb => self.duckdb,
            Dialect::Spark => self.spark,
            Dialect::Athena => self.athena,
        };
        let mut text = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (number, after) = after.split_once('}').unwrap_or((after, ""));
            let argument = number.parse().ok().and_then(|number: usize| arguments.get(number));
            text.push_str(argument.map_or("", String::as_str));
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_put_in_place() {
        let arguments = ["a".to_owned(), "'{1}'".to_owned()];
        for (dialect, expected) in [
            (Dialect::DataFusion, "array_to_string(a, '{1}')"),
            (Dialect::DuckDb, "array_to_string(a, '{1}')"),
            (Dialect::Spark, "array_join(a, '{1}')"),
            (Dialect::Athena, "array_join(a, '{1}')"),
        ] {
            assert_eq!(mapped("array_to_string").unwrap().call(dialect, &arguments), expected);
        }
        assert!(mapped("count").is_none());
    }

    #[test]
    fn every_template_has_its_arguments() {
        for function in &MAPPED {
            assert!(!SHARED.contains(&function.name), "{}", function.name);
            for dialect in Dialect::ALL {
                let arguments: Vec<_> =
                    (0..function.arguments).map(|number| format!("<{number}>")).collect();
                let call = function.call(dialect, &arguments);
                for argument in &arguments {
                    assert!(call.contains(argument), "{call}");
                }
                assert!(!call.contains(['{', '}']), "{call}");
            }
        }
    }
}

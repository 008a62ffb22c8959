//! What messages of the engine mean. The first pattern that begins a message is the one.

/// A pattern, and what it means; `$1` stands for what a group of it found. What is found as `left` and
/// `right` are types, for which advice is added.
pub(super) const MESSAGES: [(&str, &str); 55] = [
    // Damage.
    (
        r"Page CRC checksum mismatch",
        "a data file is damaged, since a page of it does not match its checksum: run `ecstrail verify` to see \
         which, and `ecstrail repair` to take it out",
    ),
    // Types.
    (
        r"Cannot infer common argument type for comparison operation (?P<left>.+) (?:=|!=|<>|<|<=|>|>=|IS DISTINCT FROM|IS NOT DISTINCT FROM|~\*?|!~\*?) (?P<right>.+)$",
        "cannot compare $left with $right",
    ),
    (
        r"Failed to coerce types (?P<left>.+) and (?P<right>.+) in BETWEEN expression",
        "cannot compare $left with $right",
    ),
    (
        r"There isn't a common type to coerce (?P<left>.+) and (?P<right>.+) in (?:I?LIKE|regex) expression",
        "LIKE takes text, not $left",
    ),
    (
        r"Cannot coerce arithmetic expression (?P<left>.+) (?P<sign>[-+*/%]) (?P<right>.+) to valid types",
        "cannot compute $left $sign $right",
    ),
    (
        r"Cannot create filter with non-boolean predicate '(?:events\.)?(.+)' returning (\S+)",
        "WHERE takes a condition, and $1 is $2: compare it with something, as in actor = 'alice'",
    ),
    (
        r"Unary operator 'NOT' requires a boolean expression, got (.+)$",
        "NOT takes a condition, and not $1: compare it with something, as in NOT (actor = 'alice')",
    ),
    (
        r".*(?:Failed to coerce then|Failed to coerce case|Fail to find the coerced type)",
        "the values of CASE, coalesce or if have different types: convert them with CAST(… AS VARCHAR)",
    ),
    (
        r"Cannot access field at argument \d+: type (?:Utf8|Utf8View|LargeUtf8) is not Struct, Map, or Null",
        "members of JSON text are read with ->> and their name in quotes, as in request_parameters ->> 'cluster', or \
         by a path, as in json_extract_scalar(request_parameters, '$$.a.b')",
    ),
    (
        r"Cannot access field at argument \d+: type (.+) is not Struct, Map, or Null",
        "$1 has no members that a dot could read",
    ),
    (
        r"Dot access not supported for non-string expr",
        "a dot does not read members here: write ->> 'member' for JSON text, and element_at(list, 1) for a list",
    ),
    (r"Unsupported CAST from (.+) to (\S+?)\.?$", "$1 cannot be converted to $2"),
    (
        r"Unsupported SQL type (\S+)",
        "$1 is not a type here: use VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE or TIMESTAMP",
    ),
    // Values.
    (
        r"(?:Parser error: )?Error parsing timestamp from '(.*)':",
        "'$1' is not a time: write 2026-04-27 or 2026-04-27T02:18:03Z, or count back from now with \
         now() - INTERVAL '7 days'. TRY_CAST gives NULL for text that is not a time",
    ),
    (
        r"(?:Cast error: )?Cannot cast (?:string|value) '(.*)' to value of (\S+) type",
        "'$1' is not a valid $2: write a value of that type, or convert with TRY_CAST, which gives NULL for what is not",
    ),
    (
        r"(?:Cast error: )?Can't cast value (\S+) to type (\S+)",
        "$1 is out of the range of $2: use BIGINT or DOUBLE",
    ),
    (
        r"(?:Arrow error: )?Divide by zero",
        "division by zero: write a / nullif(b, 0), which is NULL where b is 0",
    ),
    (
        r"(?:.*: )?(?:Arithmetic overflow|Overflow happened|Overflow)",
        "a number is out of range: compute with CAST(… AS DOUBLE)",
    ),
    (
        r#"(?:Parser error: )?Invalid input syntax for type interval: "(.*)""#,
        "'$1' is not an interval: write INTERVAL '90 minutes', INTERVAL '7 days' or INTERVAL '1 month'",
    ),
    (
        r"(?:Execution error: )?Date part '(.+)' not supported",
        "'$1' is not a part of a time: use year, quarter, month, week, day, hour, minute, second, dow or doy",
    ),
    (
        r"Unsupported date_trunc granularity: '(.+)'\. Supported values are: (.+)$",
        "date_trunc does not know '$1': use one of $2",
    ),
    (
        r".*regex parse error:\s+(?P<pattern>\S[^\n]*)\n.*error: (?P<problem>look-around|backreferences)",
        "the regular expression $pattern has $problem, which this engine does not support: write it without, or as \
         two conditions",
    ),
    (
        r".*regex parse error:\s+(?P<pattern>\S[^\n]*)\n.*error: (?P<problem>[^\n]+)",
        r"the regular expression $pattern is malformed ($problem): a character such as ( [ * + ? that stands for itself is written with a backslash, as in \(",
    ),
    // Calls of functions.
    (
        r".*coercion failed with: (?:Error during planning: )?(?P<problem>it (?:is called|takes) .*?)\.? No function matches the given name and argument types '(?P<name>\w+)\((?P<given>.*)\)'",
        "$name does not take ($given): $problem",
    ),
    (
        r".*No function matches the given name and argument types '(?P<name>\w+)\((?P<given>.*)\)'",
        "$name does not take ($given): convert them with CAST, or look the function up with SHOW FUNCTIONS LIKE '$name'",
    ),
    (
        r"(?:Function )?'?(?P<name>\w+)'? (?:function requires|expects|requires) (?P<expected>\d+ arguments?),? (?:but received|got) (?P<given>\d+)",
        "$name takes $expected, not $given",
    ),
    // Groups.
    (
        r#"Column in (SELECT|HAVING|ORDER BY|QUALIFY) must be in GROUP BY or an aggregate function: While expanding wildcard, column "(?:events\.)?(.+?)" must"#,
        "$1 has $2, which is neither in GROUP BY nor in an aggregate: add it to GROUP BY, or write any_value($2) or \
         max($2)",
    ),
    (
        r"Aggregate functions are not allowed in the WHERE clause",
        "WHERE takes no aggregates such as count: filter groups with HAVING after GROUP BY",
    ),
    (
        r"Aggregate function calls cannot be nested",
        "an aggregate cannot stand inside an aggregate: compute the inner one in a subquery, as in \
         SELECT max(n) FROM (SELECT count(*) AS n FROM events GROUP BY actor) AS counts",
    ),
    (
        r"COUNT DISTINCT with multiple arguments",
        "count(DISTINCT …) takes one column: count(DISTINCT concat_ws('|', a, b)) counts pairs",
    ),
    (
        r"Cannot find column with position (\d+) in SELECT clause. Valid columns: (.+)$",
        "GROUP BY $1: SELECT has no column $1",
    ),
    (
        r"For SELECT DISTINCT, ORDER BY expressions .+ must appear in select list",
        "SELECT DISTINCT is ordered by columns of SELECT, named or numbered: write ORDER BY 1, or give an \
         expression a name with AS and order by that",
    ),
    (
        r"Order by column out of bounds, specified: (\d+), max: (\d+)",
        "ORDER BY $1: SELECT has no column $1",
    ),
    // Names.
    (
        r"Ambiguous reference to unqualified field (.+)$",
        "$1 is a column of more than one table here: write which, as in e.$1 after FROM events AS e",
    ),
    (
        r"Projections require unique expression names",
        "two columns of the result have the same name: give one of them another with AS",
    ),
    (
        r"Invalid qualifier (\S+)",
        "no table is called $1 here: a table with an alias is called by its alias alone",
    ),
    (
        r"table function '(.+)' not found",
        "there is no table function $1: the table is events, and SHOW TABLES lists the views over it",
    ),
    // Subqueries, windows and lists.
    (
        r"Scalar subquery returned more than one row",
        "a subquery that stands for one value returned several rows: add LIMIT 1 or an aggregate such as max, or use \
         IN instead of =",
    ),
    (
        r"Too many columns! The subquery should only return one column",
        "a subquery that stands for a value has to return one column",
    ),
    (
        r"Physical plan does not support logical expression (?:ScalarSubquery|InSubquery|Exists)|.*[Cc]orrelated.*subquer|.*[Ss]ubquer.*correlat",
        "this subquery uses a column of the query around it in a way that is not supported: it may compare with = and \
         return an aggregate. Use a JOIN with a grouped subquery, or a window function such as \
         lag(event_time) OVER (PARTITION BY actor ORDER BY event_time)",
    ),
    (
        r"Physical plan does not support logical expression OuterReferenceColumn",
        "what stands in FROM cannot use columns of the tables beside it in this way: use a JOIN, or unnest(list) in \
         SELECT",
    ),
    (
        r"Physical plan does not support logical expression WindowFunction",
        "WHERE takes no window functions: compute them in a subquery and filter around it, as in \
         SELECT * FROM (SELECT *, row_number() OVER (ORDER BY event_time) AS n FROM events) AS numbered WHERE n = 1",
    ),
    (
        r"Unnest should be rewritten|Physical plan does not support logical expression Unnest",
        "unnest belongs into SELECT: to look for an element write array_has(list, 'value'), or use the view that has \
         a row per element (SHOW TABLES)",
    ),
    (
        r"Source table contains (\d+) columns but only (\d+) names given as column alias",
        "a table of $1 columns has an alias with $2 names: name all columns, as in UNNEST(a, b) AS t (x, y)",
    ),
    (
        r"unnest\(\) can only be applied to array, struct and null",
        "unnest takes a list: for tags use the view tags or unnest(map_keys(tags)), for a JSON array \
         unnest(json_array_elements(json))",
    ),
    (
        r"UNNEST with ordinality is not supported yet",
        "WITH ORDINALITY works only as FROM events CROSS JOIN UNNEST(list) WITH ORDINALITY AS t (element, position): or \
         use a view, such as resources, which has the position of each element",
    ),
    (r"Invalid window frame: (.+)$", "the frame of the window is the wrong way round: $1"),
    (r"NTILE requires a positive integer", "ntile takes a number of groups from 1"),
    // The query's form.
    (
        r"(UNION|INTERSECT|EXCEPT).* different number of columns",
        "both sides of $1 have to have the same number of columns",
    ),
    (
        r"LIMIT must be >= 0, '(.+)' was provided",
        "LIMIT takes a number that is not negative, not $1",
    ),
    (r"Expected LIMIT to be an integer or null, but got (.+)$", "LIMIT takes a number, not $1"),
    (r"TOP$", "SELECT TOP is not supported: write LIMIT 5 at the end of the query"),
    (
        r"(?P<panic>the query engine failed, and a data file may be damaged: [^\n]{0,200}).*$",
        "$panic. Run `ecstrail verify`; if the dataset is whole, write the query in another way",
    ),
    (
        r"Expected: <, found: \(",
        "ARRAY(…) is not a type here: write ARRAY<VARCHAR>, and unnest(json_array_elements(json)) for a JSON array",
    ),
    (
        r"Substring without for/from is not valid",
        "substr takes a text and a position, from 1, as in substr(actor, 1, 10)",
    ),
];

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::MESSAGES;

    #[test]
    fn every_pattern_is_one() {
        for (pattern, meaning) in MESSAGES {
            let compiled = Regex::new(pattern);
            assert!(compiled.is_ok(), "{pattern}: {compiled:?}");
            assert!(!meaning.is_empty());
        }
    }
}

//! Advice on a function that is not there, or that is called otherwise.

use datafusion::{execution::SessionState, logical_expr::Documentation};

use super::nearest::{either, nearest};

/// What other engines call a function, and how it is written here.
const ELSEWHERE: [(&[&str], &str); 14] = [
    (
        &[
            "transform",
            "filter",
            "reduce",
            "any_match",
            "all_match",
            "none_match",
            "zip_with",
            "list_transform",
            "list_filter",
            "array_filter",
            "array_transform",
        ],
        "functions that take x -> … are not supported: use unnest(list) in SELECT, or the view that has a row per \
         element (SHOW TABLES)",
    ),
    (&["try"], "write TRY_CAST(x AS type), which gives NULL for what cannot be converted"),
    (&["typeof"], "use arrow_typeof"),
    (&["approx_percentile"], "use approx_percentile_cont(x, 0.5)"),
    (&["parse_datetime"], "use date_parse(text, '%Y-%m-%dT%H:%i:%sZ')"),
    (&["format_datetime", "strftime"], "use date_format(time, '%Y-%m-%d %H:%i:%s')"),
    (&["datediff", "timestampdiff"], "use date_diff('day', from, until)"),
    (&["dateadd", "timestampadd", "date_sub"], "use date_add('day', -7, time)"),
    (
        &["json_value", "get_json_object", "json_extract_string", "json_extract_path_text"],
        "use json_extract_scalar(json, '$.a.b'), or json ->> 'a'",
    ),
    (&["json_query"], "use json_extract(json, '$.a.b')"),
    (&["getdate", "sysdate", "localtimestamp"], "use now()"),
    (&["len"], "use length"),
    (&["group_concat"], "use string_agg(text, ',')"),
    (&["at_timezone"], "write time AT TIME ZONE 'America/New_York'"),
];

/// Returns what an unknown function may have been meant to be.
pub(super) fn unknown(name: &str, state: &SessionState) -> String {
    if state.window_functions().contains_key(name) {
        return format!(
            "{name} is a window function, and needs OVER behind it, as in {name}(…) OVER (PARTITION BY actor ORDER \
             BY event_time)"
        );
    }
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(names, _)| names.contains(&name)) {
        return format!("there is no function {name}: {instead}");
    }
    let names = state.scalar_functions().keys().chain(state.aggregate_functions().keys());
    let near = nearest(name, names.map(String::as_str));
    if near.is_empty() {
        format!("there is no function {name}: SHOW FUNCTIONS lists all that there are")
    } else {
        format!("there is no function {name}: did you mean {}?", either(near))
    }
}

/// Returns how a function is called that was given something else.
pub(super) fn wrong_call(name: &str, given: &str, state: &SessionState) -> Option<String> {
    let scalar = state.scalar_functions().get(name).and_then(|function| function.documentation());
    let aggregate = || state.aggregate_functions().get(name).and_then(|it| it.documentation());
    let window = || state.window_functions().get(name).and_then(|it| it.documentation());
    let documentation: &Documentation = scalar.or_else(aggregate).or_else(window)?;
    let given = if given.is_empty() { "no argument".to_owned() } else { format!("({given})") };
    Some(format!(
        "{name} does not take {given}: it is called as {}; convert values with CAST(… AS …)",
        documentation.syntax_example.trim()
    ))
}

-- title: Small expressions over lists
-- description: What each engine makes of them, value by value.
WITH samples AS (
  SELECT 1 AS sample, string_to_array('b,a,b', ',') AS l, string_to_array('b', ',') AS m, 'a' AS s
  UNION ALL SELECT 2 AS sample, string_to_array('a', ',') AS l, string_to_array('b,c', ',') AS m, 'z' AS s
  UNION ALL SELECT 3 AS sample, string_to_array('a,,c', ',') AS l, string_to_array('c', ',') AS m, '' AS s
  UNION ALL SELECT 4 AS sample, string_to_array('a', ',') AS l,
    string_to_array(CAST(NULL AS VARCHAR), ',') AS m, CAST(NULL AS VARCHAR) AS s
  UNION ALL SELECT 5 AS sample, string_to_array(CAST(NULL AS VARCHAR), ',') AS l,
    string_to_array('a', ',') AS m, 'a' AS s
)
SELECT
  sample,
  array_length(l) AS elements,
  array_element(l, 1) AS first_one,
  array_element(l, 3) AS third_one,
  array_element(l, 9) AS ninth_one,
  array_element(l, -1) AS last_one,
  array_to_string(l, ';') AS as_text,
  array_has(l, s) AS has_it,
  array_has(l, 'a') AS has_a,
  array_has(m, s) = false AS has_not,
  array_to_string(array_except(l, m), ';') AS only_left,
  array_to_string(array_except(m, l), ';') AS only_right,
  array_length(array_except(l, m)) AS only_left_elements,
  l IS NULL AS is_missing
FROM samples
ORDER BY sample

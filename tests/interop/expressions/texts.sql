-- title: Small expressions over texts, numbers and booleans
-- description: What each engine makes of them, value by value.
WITH samples AS (
  SELECT 1 AS sample, 'checkout' AS s, 5 AS i, CAST(2.5 AS DOUBLE) AS f
  UNION ALL SELECT 2 AS sample, '' AS s, 0 AS i, CAST(-2.5 AS DOUBLE) AS f
  UNION ALL SELECT 3 AS sample, CAST(NULL AS VARCHAR) AS s, CAST(NULL AS BIGINT) AS i, CAST(NULL AS DOUBLE) AS f
  UNION ALL SELECT 4 AS sample, 'Ölé/日本 b' AS s, -7 AS i, CAST(0.125 AS DOUBLE) AS f
  UNION ALL SELECT 5 AS sample, ' a b ' AS s, 1000000007 AS i, CAST(3 AS DOUBLE) AS f
  UNION ALL SELECT 6 AS sample, 'a,b,,c' AS s, 12 AS i, CAST(0 AS DOUBLE) AS f
  UNION ALL SELECT 7 AS sample, 'shop:12' AS s, 1 AS i, CAST(-0.5 AS DOUBLE) AS f
)
SELECT
  sample,
  s || '/' || s AS joined,
  s || CAST(i AS VARCHAR) AS joined_with_number,
  lower(s) AS lower_case,
  upper(s) AS upper_case,
  length(s) AS characters,
  trim(s) AS trimmed,
  replace(s, 'b', 'xy') AS replaced,
  position('b' IN s) AS place,
  position('' IN s) AS place_of_nothing,
  substr(s, 2) AS from_second,
  substr(s, 2, 3) AS middle,
  substr(s, 20) AS behind_the_end,
  substr(s, 1, 0) AS no_characters,
  split_part(s, ',', 1) AS first_part,
  split_part(s, ',', 3) AS third_part,
  split_part(s, ',', 9) AS ninth_part,
  split_part(s, 'no such', 1) AS whole,
  nullif(s, '') AS not_empty,
  coalesce(s, '-') AS or_dash,
  s = '' AS is_empty,
  s < 'b' AS is_before,
  s BETWEEN 'a' AND 'd' AS is_between,
  s LIKE 'c%t' AS is_like,
  s LIKE '_a%' AS has_second_a,
  s NOT LIKE 'C%' AS is_not_like_in_capitals,
  s IN ('checkout', '') AS is_one_of,
  s NOT IN ('checkout', '') AS is_none_of,
  regexp_like(s, '^[a-z]+$') AS is_letters,
  regexp_like(s, 'a|Ö') AS has_either,
  regexp_like(s, '^.l.[/]..') AS has_characters,
  regexp_like(s, ':[0-9]{1,2}$') AS has_revision,
  CASE s WHEN '' THEN 'empty' WHEN 'checkout' THEN 'known' ELSE 'other' END AS simple_case,
  CASE WHEN s <> '' THEN length(s) END AS case_without_else,
  i + 1 AS more,
  i - 10 AS less,
  -i AS negative,
  i * 3 AS product,
  i % 5 AS remainder,
  abs(i) AS absolute,
  CAST(i AS VARCHAR) AS number_as_text,
  CAST(CAST(i AS VARCHAR) AS BIGINT) AS text_as_number,
  i BETWEEN 0 AND 10 AS is_small,
  i = 5 OR i = 12 AS either,
  i > 0 AND s <> '' AS both,
  NOT i > 0 AS is_not_positive,
  i IS NULL AS is_missing,
  coalesce(i > 0, false) AS is_surely_positive,
  CAST(i > 0 AS VARCHAR) AS boolean_as_text,
  CAST(i AS DOUBLE) / 4 AS quarter,
  CAST(i AS DOUBLE) / nullif(f, 0) AS quotient,
  round(f, 0) AS rounded,
  round(CAST(i AS DOUBLE) / 7, 3) AS rounded_to_3,
  CAST(round(f, 0) AS BIGINT) AS whole_number,
  f > 0 AS is_above,
  f + i AS mixed_sum,
  abs(f) AS absolute_fraction,
  nullif(f, 0) AS not_zero,
  i IS DISTINCT FROM 5 AS is_distinct
FROM samples
ORDER BY sample

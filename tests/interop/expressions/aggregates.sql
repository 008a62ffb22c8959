-- title: Aggregates, joins and sets
-- description: What each engine makes of them, value by value.
WITH samples AS (
  SELECT 'x' AS k, 'b' AS s, 1 AS i, CAST(0.5 AS DOUBLE) AS f
  UNION ALL SELECT 'x' AS k, 'a' AS s, 2 AS i, CAST(1.5 AS DOUBLE) AS f
  UNION ALL SELECT 'x' AS k, 'b' AS s, CAST(NULL AS BIGINT) AS i, CAST(NULL AS DOUBLE) AS f
  UNION ALL SELECT 'x' AS k, CAST(NULL AS VARCHAR) AS s, 4 AS i, CAST(0.25 AS DOUBLE) AS f
  UNION ALL SELECT 'y' AS k, CAST(NULL AS VARCHAR) AS s, CAST(NULL AS BIGINT) AS i, CAST(NULL AS DOUBLE) AS f
  UNION ALL SELECT CAST(NULL AS VARCHAR) AS k, '' AS s, 3 AS i, CAST(7 AS DOUBLE) AS f
  UNION ALL SELECT 'z' AS k, 'É' AS s, 3 AS i, CAST(7 AS DOUBLE) AS f
  UNION ALL SELECT 'z' AS k, 'e' AS s, 3 AS i, CAST(7 AS DOUBLE) AS f
  UNION ALL SELECT 'z' AS k, 'Z' AS s, 3 AS i, CAST(7 AS DOUBLE) AS f
),
other AS (
  SELECT 'x' AS k, 1 AS n
  UNION ALL SELECT 'w' AS k, 2 AS n
  UNION ALL SELECT CAST(NULL AS VARCHAR) AS k, 3 AS n
),
grouped AS (
  SELECT
    k,
    count(*) AS all_rows,
    count(s) AS with_text,
    count(DISTINCT s) AS texts,
    sum(i) AS total,
    sum(f) AS total_fraction,
    avg(i) AS mean,
    round(avg(f), 3) AS mean_fraction,
    min(s) AS first_text,
    max(s) AS last_text,
    min(i) AS least,
    max(f) AS most,
    string_agg(DISTINCT s, ', ' ORDER BY s) AS distinct_texts,
    count(CASE WHEN i > 1 THEN 1 END) AS above_one,
    sum(CASE WHEN i > 1 THEN i ELSE 0 END) AS sum_above_one,
    count(*) FILTER (WHERE i > 1) AS filtered,
    max(i) - min(i) AS span
  FROM samples
  GROUP BY k
),
texts AS (
  SELECT coalesce(k, '') AS k, string_agg(s, '+' ORDER BY i DESC, s) AS texts_in_order
  FROM samples
  WHERE coalesce(k, '') NOT IN (SELECT 'y' AS k FROM other)
    AND coalesce(i, 1) IN (SELECT n FROM other UNION SELECT 4 AS n)
  GROUP BY 1
)
SELECT
  grouped.*,
  texts.texts_in_order,
  other.n,
  other.k AS other_k,
  coalesce(grouped.k, other.k) AS either_k,
  (SELECT max(n) FROM other) AS greatest_n
FROM grouped
FULL JOIN other ON other.k = grouped.k
LEFT JOIN texts ON texts.k = coalesce(grouped.k, '')
ORDER BY 1, n

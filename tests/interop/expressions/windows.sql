-- title: Windows
-- description: What each engine makes of them, value by value.
SELECT
  event_id,
  event_name,
  row_number() OVER (PARTITION BY actor ORDER BY event_time, event_id, record_hash) AS place,
  rank() OVER (PARTITION BY region ORDER BY date) AS day_rank,
  dense_rank() OVER (PARTITION BY actor ORDER BY date DESC) AS day_dense_rank,
  count(*) OVER (PARTITION BY actor) AS calls,
  count(*) OVER (PARTITION BY actor ORDER BY date) AS calls_so_far_with_peers,
  sum(to_unixtime(event_time) % 7) OVER (
    PARTITION BY actor ORDER BY event_time, event_id, record_hash ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS sum_of_three,
  lag(event_name) OVER (PARTITION BY actor ORDER BY event_time, event_id, record_hash) AS name_before,
  lag(event_name, 2) OVER (PARTITION BY actor ORDER BY event_time, event_id, record_hash) AS name_before_that,
  lead(event_name) OVER (PARTITION BY actor ORDER BY event_time DESC, event_id, record_hash) AS name_after,
  lag(error_code) IGNORE NULLS OVER (PARTITION BY actor ORDER BY event_time, event_id, record_hash) AS error_before,
  lead(service_name) IGNORE NULLS OVER (PARTITION BY actor ORDER BY event_time, event_id, record_hash) AS service_after,
  last_value(service_name) IGNORE NULLS OVER (
    PARTITION BY actor ORDER BY event_time, event_id, record_hash ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS known_service,
  first_value(cluster_name) OVER (PARTITION BY actor ORDER BY cluster_name, event_id, record_hash) AS first_cluster,
  first_value(cluster_name) OVER (PARTITION BY actor ORDER BY cluster_name DESC, event_id, record_hash) AS last_cluster,
  max(error_code) OVER (PARTITION BY region) AS greatest_error,
  min(event_time) OVER (PARTITION BY region, event_name) AS first_time
FROM events
ORDER BY event_id, record_hash

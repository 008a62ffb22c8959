-- title: Small expressions over instants and days
-- description: What each engine makes of them, value by value.
SELECT
  event_id,
  event_time,
  date,
  CAST(date AS VARCHAR) AS day_as_text,
  CAST(event_time AS DATE) AS day_of_event,
  date_trunc('hour', event_time) AS hour,
  date_trunc('day', event_time) AS day,
  date_trunc('week', event_time) AS week,
  date_trunc('month', event_time) AS month,
  EXTRACT(HOUR FROM event_time) AS hour_of_day,
  EXTRACT(ISODOW FROM event_time) AS day_of_week,
  EXTRACT(HOUR FROM local_time(event_time, 'America/New_York')) AS hour_in_new_york,
  EXTRACT(ISODOW FROM local_time(event_time, 'Asia/Kolkata')) AS day_in_kolkata,
  CAST(local_time(event_time, 'Australia/Lord_Howe') AS DATE) AS day_on_lord_howe,
  to_unixtime(event_time) AS seconds,
  to_unixtime(event_time) % 600 AS seconds_of_window,
  to_unixtime(event_time) - to_unixtime(date_trunc('day', event_time)) AS seconds_of_day,
  date >= '2026-04-27' AS is_later,
  date BETWEEN '2026-04-26' AND '2026-04-27' AS is_between,
  date IN ('2026-04-27', '2026-04-29') AS is_one_of,
  coalesce(session_creation_date, event_time) AS or_event,
  session_creation_date < event_time AS is_before,
  nullif(event_time, session_creation_date) AS not_the_same,
  CASE WHEN EXTRACT(ISODOW FROM event_time) > 5 THEN 'weekend' ELSE 'week' END AS part_of_week
FROM events
ORDER BY event_id, record_hash
LIMIT 200

-- title: Small expressions over the lists of the dataset
-- description: What each engine makes of them, value by value. NULL stands among the elements of lists that
--   are aligned.
SELECT
  event_id,
  array_length(container_names) AS containers,
  array_to_string(container_names, ', ') AS container_names,
  array_to_string(container_users, ', ') AS container_users,
  array_to_string(container_exit_codes, ', ') AS exit_codes,
  array_element(container_users, 1) AS first_user,
  array_element(container_exit_codes, 1) AS first_exit_code,
  array_has(container_images, 'nginx') AS has_nginx,
  array_has(container_users, 'root') AS has_root,
  array_to_string(array_except(container_names, container_users), ', ') AS names_that_are_no_users,
  array_to_string(array_except(container_users, container_names), ', ') AS users_that_are_no_names,
  array_length(array_except(container_users, container_names)) AS users_left
FROM events
WHERE container_names IS NOT NULL
ORDER BY event_id, record_hash

SELECT DISTINCT ON (proposition) $base || target AS vehicle, label AS role, $base || agent AS firm, verdict
FROM claims JOIN terms ON term = 'role/' || role
WHERE ($vehicle IS NULL OR target = $vehicle)
  AND coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
ORDER BY ALL

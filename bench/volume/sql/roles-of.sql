SELECT $base || agent AS firm, $base || target AS target, label AS role, stance, modality, evidence, verdict, $base || source AS source
FROM claims JOIN terms ON term = 'role/' || role
WHERE ($firm IS NULL OR agent = $firm)
  AND coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
ORDER BY ALL

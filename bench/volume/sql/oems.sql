SELECT DISTINCT ON (proposition) $base || agent AS firm, label AS role, $base || target AS target, NULL AS for_whom, verdict
FROM claims JOIN ancestors ON ancestors.term = 'role/' || role AND ancestor = 'role/oem' JOIN terms ON terms.term = 'role/' || role
WHERE coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
ORDER BY ALL

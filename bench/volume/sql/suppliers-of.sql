SELECT $base || target AS vehicle, $base || agent AS firm, label AS role, NULL AS component, verdict,
  count(DISTINCT source) FILTER (stance = 'asserts') AS sources
FROM claims JOIN ancestors ON ancestors.term = 'role/' || role AND ancestor = 'role/supplier' JOIN terms ON terms.term = 'role/' || role
WHERE ($vehicle IS NULL OR target = $vehicle)
  AND coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
GROUP BY target, agent, label, verdict, proposition ORDER BY ALL

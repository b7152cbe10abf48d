SELECT DISTINCT ON (proposition) $base || target AS brand, coalesce($day, $today) AS day, $base || agent AS owner,
  valid_from AS from, valid_until AS until, verdict
FROM claims
WHERE role = 'brand-owner' AND verdict <> 'denied' AND ($brand IS NULL OR target = $brand)
  AND coalesce(valid_from <= coalesce($day, $today)::DATE, true) AND coalesce(valid_until >= coalesce($day, $today)::DATE, true)
ORDER BY ALL

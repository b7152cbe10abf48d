SELECT $base || target AS brand, $base || agent AS owner, valid_from AS from, valid_until AS until, verdict, $base || source AS source
FROM claims
WHERE role = 'brand-owner' AND ($brand IS NULL OR target = $brand)
  AND coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
ORDER BY ALL

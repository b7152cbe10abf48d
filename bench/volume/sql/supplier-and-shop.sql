WITH held AS (
  SELECT DISTINCT agent, target, role, verdict, label, ancestor
  FROM claims JOIN ancestors ON ancestors.term = 'role/' || role JOIN terms ON terms.term = 'role/' || role
  WHERE ancestor IN ('role/supplier', 'role/seller') AND verdict <> 'denied' AND ($firm IS NULL OR agent = $firm)
    AND coalesce(valid_from <= $today::DATE, true) AND coalesce(valid_until >= $today::DATE, true)
)
SELECT DISTINCT $base || supply.agent AS firm, $base || supply.target AS product, supply.label AS supplies_as,
  supply.verdict AS supply_verdict, sale.label AS sells_as, sale.verdict AS sale_verdict
FROM held supply JOIN held sale USING (agent, target)
WHERE supply.ancestor = 'role/supplier' AND sale.ancestor = 'role/seller'
ORDER BY ALL

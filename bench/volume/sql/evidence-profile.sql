SELECT $base || source AS source, label AS evidence, count(*) AS claims, 0 AS second_hand, 0 AS no_longer_counting
FROM claims JOIN terms ON term = 'evidence/' || evidence
WHERE $source IS NULL OR source = $source
GROUP BY ALL ORDER BY ALL

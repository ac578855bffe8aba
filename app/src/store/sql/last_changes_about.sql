SELECT record, max(sequence)
FROM (
    SELECT record, sequence FROM about
    UNION ALL
    SELECT about, sequence FROM log WHERE about IS NOT NULL
)
GROUP BY record
ORDER BY 2 DESC
LIMIT ?

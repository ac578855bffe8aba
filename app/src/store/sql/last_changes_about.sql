-- What waits comes first, the oldest of it first; then what is delivered, the newest first.
SELECT record, max(sequence) AS last
FROM (
    SELECT record, sequence FROM about
    UNION ALL
    SELECT about, sequence FROM log WHERE about IS NOT NULL
)
GROUP BY record
ORDER BY last <= ?1, iif(last > ?1, last, -last)
LIMIT ?2

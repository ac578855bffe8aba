SELECT number, sequence, reason, at FROM quarantine q
WHERE region = ?1 AND (number, sequence) > (?2, ?3) AND released_at IS NULL
    AND reason IN (SELECT value FROM json_each(?4))
    AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.region = q.region AND d.number = q.number AND d.sequence = q.sequence)
ORDER BY number, sequence LIMIT ?5;

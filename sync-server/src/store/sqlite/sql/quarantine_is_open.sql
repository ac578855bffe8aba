SELECT 1 FROM quarantine q WHERE region = ?1 AND number = ?2 AND sequence = ?3 AND released_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.region = q.region AND d.number = q.number AND d.sequence = q.sequence);

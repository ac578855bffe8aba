SELECT number, sequence, reason, at FROM quarantine
WHERE region = ?1 AND released_at IS NULL ORDER BY number, sequence;

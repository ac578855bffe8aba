SELECT number, sequence, reason, at FROM quarantine
WHERE region = ?1 AND number = ?2 AND sequence > ?3 AND released_at IS NULL ORDER BY sequence LIMIT ?4;

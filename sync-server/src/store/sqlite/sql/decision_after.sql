SELECT ordinal, sequence, outcome, note FROM decision
WHERE region = ?1 AND number = ?2 AND ordinal > ?3 ORDER BY ordinal LIMIT ?4;

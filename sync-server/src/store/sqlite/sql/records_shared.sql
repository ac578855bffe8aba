SELECT id, kind, sole_author, state FROM record
WHERE region = ?1 AND sole_author IS NULL AND id > ?2 ORDER BY id LIMIT ?3;

INSERT OR IGNORE INTO decision (region, number, sequence, ordinal, outcome, note, at)
VALUES (?1, ?2, ?3, (SELECT coalesce(max(ordinal), 0) + 1 FROM decision WHERE region = ?1), ?4, ?5, ?6);

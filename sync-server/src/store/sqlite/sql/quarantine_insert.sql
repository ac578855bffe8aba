INSERT OR IGNORE INTO quarantine (region, number, sequence, reason, at) VALUES (?1, ?2, ?3, ?4, ?5);

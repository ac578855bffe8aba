INSERT INTO refused (region, number, at, reason, body) VALUES (?1, ?2, ?3, ?4, ?5);

INSERT INTO fact (region, subject, id, kind, author, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

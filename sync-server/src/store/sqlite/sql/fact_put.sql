INSERT INTO fact (region, id, kind, subject, author, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

INSERT INTO certificate (region, fingerprint, number, expires_at, made_at) VALUES (?1, ?2, ?3, ?4, ?5);

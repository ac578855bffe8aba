INSERT INTO enrolment (region, secret_hash, expires_at, van, staff) VALUES (?1, ?2, ?3, ?4, ?5);

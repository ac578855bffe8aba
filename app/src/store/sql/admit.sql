INSERT INTO wrap (staff, name, role, salt, nonce, sealed, failures, lease_until)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)
ON CONFLICT (staff) DO UPDATE
SET name = ?2, role = ?3, salt = ?4, nonce = ?5, sealed = ?6, failures = 0, lease_until = ?7

INSERT INTO device (region, number, id, van, label, fingerprint, certificate_expires_at, signing_key, status, enrolled_at,
    enrolled_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'active', ?9, ?10);

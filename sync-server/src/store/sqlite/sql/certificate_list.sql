SELECT fingerprint, expires_at, made_at FROM certificate WHERE region = ?1 AND number = ?2 ORDER BY made_at, fingerprint;

INSERT INTO certificate (region, fingerprint, number, expires_at, made_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (region, fingerprint) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at);

SELECT number, id, van, label, signing_key, status, wipe_ordered_at, enrolled_at, enrolled_by, fingerprint,
    certificate_expires_at
FROM device WHERE region = ?1 AND van IS NOT NULL AND fingerprint IS NOT NULL ORDER BY number;

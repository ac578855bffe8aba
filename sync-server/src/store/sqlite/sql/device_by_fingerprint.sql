SELECT number, id, van, label, coalesce(
    (SELECT c.expires_at FROM certificate c WHERE c.region = ?1 AND c.fingerprint = ?2), certificate_expires_at), signing_key, status, enrolled_at, last_seen_at, clock_offset_ms,
    app_version, was_answered, wipe_ordered_at, wipe_told_at
FROM device d WHERE region = ?1 AND number = (
    SELECT number FROM device WHERE region = ?1 AND fingerprint = ?2
    UNION ALL SELECT number FROM certificate WHERE region = ?1 AND fingerprint = ?2 LIMIT 1);

SELECT number, id, van, label, certificate_expires_at, signing_key, status, enrolled_at, last_seen_at, clock_offset_ms,
    app_version, was_answered
FROM device WHERE region = ?1 AND number = ?2;

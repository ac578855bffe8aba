SELECT number, id, van, label, max(certificate_expires_at,
    coalesce((SELECT max(c.expires_at) FROM certificate c WHERE c.region = d.region AND c.number = d.number), 0)), signing_key, status, enrolled_at, last_seen_at, clock_offset_ms,
    app_version, was_answered, wipe_ordered_at, wipe_told_at
FROM device d WHERE region = ?1 AND number = ?2;

INSERT INTO device (region, number, id, van, label, fingerprint, certificate_expires_at, signing_key, status, enrolled_at,
    enrolled_by, was_answered, wipe_ordered_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12)
ON CONFLICT (region, number) DO UPDATE SET
    certificate_expires_at = max(certificate_expires_at, excluded.certificate_expires_at),
    status = CASE excluded.status WHEN 'revoked' THEN 'revoked' ELSE status END,
    wipe_ordered_at = coalesce(excluded.wipe_ordered_at, wipe_ordered_at)
WHERE id = excluded.id;

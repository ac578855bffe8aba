UPDATE device SET status = ?3, wipe_ordered_at = CASE ?3 WHEN 'revoked' THEN wipe_ordered_at END
WHERE region = ?1 AND number = ?2;

UPDATE device SET wipe_told_at = ?3, last_seen_at = ?3
WHERE region = ?1 AND number = ?2 AND wipe_ordered_at IS NOT NULL AND wipe_told_at IS NULL;

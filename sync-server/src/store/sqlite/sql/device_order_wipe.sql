UPDATE device SET status = 'revoked', wipe_ordered_at = ?3, wipe_told_at = NULL WHERE region = ?1 AND number = ?2;

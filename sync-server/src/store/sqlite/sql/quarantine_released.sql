SELECT sequence FROM quarantine WHERE region = ?1 AND number = ?2 AND released_at IS NOT NULL;

UPDATE device SET last_seen_at = ?3, app_version = coalesce(?4, app_version) WHERE region = ?1 AND number = ?2;

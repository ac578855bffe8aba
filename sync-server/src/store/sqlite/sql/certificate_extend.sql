UPDATE certificate SET expires_at = max(expires_at, ?3) WHERE region = ?1 AND number = ?2;

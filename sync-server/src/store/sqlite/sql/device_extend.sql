UPDATE device SET certificate_expires_at = max(certificate_expires_at, ?3) WHERE region = ?1 AND number = ?2;

UPDATE quarantine SET released_at = ?4 WHERE region = ?1 AND number = ?2 AND sequence = ?3;

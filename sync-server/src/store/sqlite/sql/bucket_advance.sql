UPDATE bucket SET sequence = ?3 WHERE region = ?1 AND number = ?2;

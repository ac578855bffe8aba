UPDATE chain SET closed = 1 WHERE region = ?1 AND number = ?2;

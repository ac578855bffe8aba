UPDATE device SET status = ?3 WHERE region = ?1 AND number = ?2;

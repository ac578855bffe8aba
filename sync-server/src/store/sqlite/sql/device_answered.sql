UPDATE device SET was_answered = 1 WHERE region = ?1 AND number = ?2;

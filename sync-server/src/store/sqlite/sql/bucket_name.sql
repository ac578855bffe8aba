SELECT name FROM bucket WHERE region = ?1 AND number = ?2;

SELECT trimmed FROM bucket WHERE region = ?1 AND number = ?2;

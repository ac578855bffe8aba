UPDATE device SET status = 'retired' WHERE region = ?1 AND number = ?2 AND status = 'active';

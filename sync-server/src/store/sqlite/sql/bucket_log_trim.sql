DELETE FROM bucket_log WHERE region = ?1 AND bucket = ?2 AND sequence <= ?3;

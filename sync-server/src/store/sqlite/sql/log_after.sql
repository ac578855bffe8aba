SELECT sequence, record, author, news FROM bucket_log
WHERE region = ?1 AND bucket = ?2 AND sequence > ?3 ORDER BY sequence;

SELECT sequence, class, item, author, fields FROM bucket_log
WHERE region = ?1 AND bucket = ?2 AND sequence > ?3 ORDER BY sequence;

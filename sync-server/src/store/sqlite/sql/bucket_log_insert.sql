INSERT INTO bucket_log (region, bucket, sequence, class, item, author, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

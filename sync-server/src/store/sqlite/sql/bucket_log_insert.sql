INSERT INTO bucket_log (region, bucket, sequence, record, author, news) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

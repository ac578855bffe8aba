INSERT OR IGNORE INTO member (region, bucket, record) VALUES (?1, ?2, ?3);

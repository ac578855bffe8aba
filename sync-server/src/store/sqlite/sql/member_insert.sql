INSERT OR IGNORE INTO member (region, bucket, class, item) VALUES (?1, ?2, ?3, ?4);

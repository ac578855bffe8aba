SELECT 1 FROM member WHERE region = ?1 AND bucket = ?2 AND record = ?3;

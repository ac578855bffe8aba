INSERT INTO record (id, kind, bucket, state) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET state = ?4 RETURNING row, bucket

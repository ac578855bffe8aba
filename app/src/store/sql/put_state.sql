UPDATE record SET state = ?3, bucket = coalesce(bucket, ?2) WHERE id = ?1 RETURNING row, bucket

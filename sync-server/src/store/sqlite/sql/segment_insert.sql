INSERT INTO segment (region, number, first_sequence, last_sequence, head_hash, signature, received_at, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

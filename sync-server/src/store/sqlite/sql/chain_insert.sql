INSERT INTO chain (region, number, root, base_sequence, base_hash, head_sequence, head_hash, folded_sequence, reason, made_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?4, ?8, ?9);

SELECT number, root, base_sequence, base_hash, head_sequence, head_hash, folded_sequence, closed
FROM chain WHERE region = ?1 AND number = ?2;

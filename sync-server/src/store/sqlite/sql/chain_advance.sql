UPDATE chain SET head_sequence = ?5, head_hash = ?6
WHERE region = ?1 AND number = ?2 AND head_sequence = ?3 AND head_hash = ?4;

UPDATE chain SET folded_sequence = ?3 WHERE region = ?1 AND number = ?2;

UPDATE region SET next_number = next_number + 1 WHERE region = ?1 RETURNING next_number - 1;

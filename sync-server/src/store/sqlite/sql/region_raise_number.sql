UPDATE region SET next_number = max(next_number, ?2 + 1) WHERE region = ?1;

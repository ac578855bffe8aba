UPDATE region SET epoch = ?2, next_number = next_number + ?3, ticket = ticket + 1 WHERE region = ?1;

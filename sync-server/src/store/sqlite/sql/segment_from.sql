SELECT first_sequence, last_sequence, body
FROM segment WHERE region = ?1 AND number = ?2 AND first_sequence >= coalesce(
    (SELECT max(first_sequence) FROM segment WHERE region = ?1 AND number = ?2 AND first_sequence <= ?3), 0)
    AND last_sequence >= ?3
ORDER BY first_sequence;

INSERT INTO bucket (region, number, name)
VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM bucket WHERE region = ?1), ?2) RETURNING number;

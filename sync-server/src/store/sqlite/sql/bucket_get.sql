SELECT number, sequence, trimmed, members FROM bucket WHERE region = ?1 AND name = ?2;

SELECT number, sequence FROM bucket WHERE region = ?1 AND name = ?2;

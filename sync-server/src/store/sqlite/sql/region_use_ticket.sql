UPDATE region SET ticket = ticket + 1 WHERE region = ?1 AND ticket = ?2;

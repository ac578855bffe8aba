SELECT ticket FROM region WHERE region = ?1;

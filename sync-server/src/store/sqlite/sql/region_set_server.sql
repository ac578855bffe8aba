UPDATE region SET server_number = ?2 WHERE region = ?1;

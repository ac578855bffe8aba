SELECT bucket FROM member WHERE region = ?1 AND record = ?2;

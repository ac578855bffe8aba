SELECT body FROM fact WHERE region = ?1 AND id = ?2;

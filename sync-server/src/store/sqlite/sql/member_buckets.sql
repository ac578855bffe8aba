SELECT bucket FROM member WHERE region = ?1 AND item = ?2 AND class = ?3;

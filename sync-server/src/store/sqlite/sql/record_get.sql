SELECT kind, sole_author, state FROM record WHERE region = ?1 AND id = ?2;

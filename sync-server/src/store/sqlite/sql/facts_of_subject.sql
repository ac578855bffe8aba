SELECT id, author, body FROM fact
WHERE region = ?1 AND subject = ?2 AND id > ?3 AND kind <> ?4 ORDER BY id;

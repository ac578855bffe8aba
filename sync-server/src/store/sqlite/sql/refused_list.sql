SELECT number, at, reason, length(body) FROM refused WHERE region = ?1 ORDER BY number, at, rowid;

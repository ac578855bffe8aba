SELECT DISTINCT site FROM stop_site WHERE region = ?1 AND van = ?2 AND day >= ?3 AND day <= ?4;

DELETE FROM stop_site WHERE region = ?1 AND stop = ?2;

INSERT OR IGNORE INTO stop_site (region, stop, site, van, day) VALUES (?1, ?2, ?3, ?4, ?5);

INSERT OR IGNORE INTO van_site (region, van, site) VALUES (?1, ?2, ?3);

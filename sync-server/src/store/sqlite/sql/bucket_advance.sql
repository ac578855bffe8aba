UPDATE bucket SET sequence = ?3, members = members + ?4, trimmed = ?5 WHERE region = ?1 AND number = ?2;

DELETE FROM refused WHERE region = ?1 AND number = ?2 AND rowid NOT IN
    (SELECT rowid FROM refused WHERE region = ?1 AND number = ?2 ORDER BY at DESC, rowid DESC LIMIT ?3);

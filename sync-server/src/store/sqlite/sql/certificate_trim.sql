DELETE FROM certificate WHERE region = ?1 AND number = ?2 AND fingerprint IS NOT ?3;

UPDATE device SET clock_offset_ms = ?3 WHERE region = ?1 AND number = ?2;

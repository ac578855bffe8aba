SELECT fields FROM import_memory WHERE region = ?1 AND record = ?2;

INSERT INTO import_memory (region, record, fields) VALUES (?1, ?2, ?3)
ON CONFLICT (region, record) DO UPDATE SET fields = excluded.fields;

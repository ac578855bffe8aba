INSERT INTO record (region, id, kind, sole_author, state) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (region, id) DO UPDATE SET sole_author = excluded.sole_author, state = excluded.state;

SELECT person_index.row, person_index.names, person_index.sounds, person_index.numbers
FROM (SELECT rowid FROM person_search WHERE person_search MATCH ? LIMIT ?) AS hit
JOIN person_index ON person_index.row = hit.rowid

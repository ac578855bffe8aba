SELECT person_index.row, person_index.names, person_index.sounds, person_index.numbers
FROM person_word CROSS JOIN person_index ON person_index.row = person_word.row
WHERE person_word.word >= ?1 AND person_word.word < ?2

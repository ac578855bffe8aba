-- v2, 2026-11: runs of the log are sealed in idle moments; people are found by words; a record's row names its first
-- bucket.

-- A run of this device's changes as it goes to the server: compressed, hashed, signed at its head. A change stands
-- either here or in `log`, and all that is here came before all that is there.
CREATE TABLE segment (
    last INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    -- After the last change.
    hash BLOB NOT NULL,
    stamp INTEGER NOT NULL,
    frame BLOB NOT NULL
) STRICT;

-- The last change about each visit among those that are sealed. Of the others `log` tells, without an index: they are
-- few, and a save writes one page less.
CREATE TABLE about (record BLOB NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
DROP INDEX log_about;

-- Records of these kinds are many and are not listed whole: 1 a person, 2 a membership, 9 a roster entry, 10 a visit.
DROP INDEX record_kind;
CREATE INDEX record_kind ON record (kind) WHERE kind NOT IN (1, 2, 9, 10);

-- The first bucket that brought a record stands in its row; `member` has only the others.
ALTER TABLE record ADD COLUMN bucket INTEGER;
UPDATE record SET bucket = (SELECT min(bucket) FROM member WHERE member.record = record.row);
DELETE FROM member WHERE bucket = (SELECT bucket FROM record WHERE record.row = member.record);

-- Words of people: a part of a name as it is, a sound after '~', a number after '#'.
CREATE TABLE person_word (word TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (word, row)) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO person_word
    SELECT each.value, person_index.row
    FROM person_index, json_each('["' || replace(person_index.names, ' ', '","') || '"]') AS each
    WHERE each.value <> '';
INSERT OR IGNORE INTO person_word
    SELECT '~' || each.value, person_index.row
    FROM person_index, json_each('["' || replace(person_index.sounds, ' ', '","') || '"]') AS each
    WHERE each.value <> '';
INSERT OR IGNORE INTO person_word
    SELECT '#' || each.value, person_index.row
    FROM person_index, json_each('["' || replace(person_index.numbers, ' ', '","') || '"]') AS each
    WHERE each.value <> '';
DROP TABLE person_search;

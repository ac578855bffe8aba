DELETE FROM member WHERE bucket = ?1;
UPDATE record SET bucket = (SELECT min(bucket) FROM member WHERE member.record = record.row)
    WHERE bucket = ?1 AND EXISTS (SELECT 1 FROM member WHERE member.record = record.row);
DELETE FROM fact WHERE subject IN (SELECT id FROM record WHERE bucket = ?1);
DELETE FROM person_word WHERE row IN (SELECT row FROM record WHERE bucket = ?1);
DELETE FROM person_index WHERE row IN (SELECT row FROM record WHERE bucket = ?1);
DELETE FROM link WHERE record IN (SELECT row FROM record WHERE bucket = ?1);
DELETE FROM conflict WHERE record IN (SELECT row FROM record WHERE bucket = ?1);
DELETE FROM record WHERE bucket = ?1;

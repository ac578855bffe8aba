DELETE FROM fact WHERE subject IN (
    SELECT id FROM record WHERE row IN (
        SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1));
INSERT INTO person_search (person_search, rowid, names, sounds, numbers)
    SELECT 'delete', row, names, sounds, numbers FROM person_index WHERE row IN (
        SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1);
DELETE FROM person_index WHERE row IN (
    SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1);
DELETE FROM link WHERE record IN (
    SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1);
DELETE FROM conflict WHERE record IN (
    SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1);
DELETE FROM record WHERE row IN (
    SELECT record FROM member GROUP BY record HAVING min(bucket) = max(bucket) AND min(bucket) = ?1);
DELETE FROM member WHERE bucket = ?1;

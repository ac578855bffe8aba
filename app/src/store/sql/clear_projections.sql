DELETE FROM link;
DELETE FROM conflict;
DELETE FROM person_word;
DELETE FROM person_index;

DELETE FROM link;
DELETE FROM conflict;
INSERT INTO person_search (person_search) VALUES ('delete-all');
DELETE FROM person_index;

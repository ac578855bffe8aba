BEGIN;
SELECT sqlcipher_export('copy');
COMMIT;
DETACH DATABASE copy;

PRAGMA secure_delete = ON;
PRAGMA busy_timeout = 2000;
DELETE FROM wrap;
PRAGMA wal_checkpoint(TRUNCATE);

-- Errors come back as errors; a second telling on standard error would break the log's lines.
PRAGMA cipher_log_level = NONE;
-- FULL: an acknowledged batch survives a power cut. The memory wipe of every freed page costs a third of the
-- speed and guards against an attacker who reads this process's memory, who has the key anyway.
PRAGMA cipher_memory_security = OFF;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA temp_store = MEMORY;

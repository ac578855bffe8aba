PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS wrap (
    staff BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    salt BLOB NOT NULL,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER NOT NULL
) STRICT;
-- 2026-11: whose access the office ended; their wraps stay for the day on which it is given back.
CREATE TABLE IF NOT EXISTS revoked (
    staff BLOB PRIMARY KEY
) STRICT;

-- v3, 2026-11: what operators decide.

-- What became of a change that was kept apart. `ordinal` rises over the region, so that a device is told of each once.
CREATE TABLE decision (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('released', 'overruled', 'closed')),
    note TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (region, number, sequence)
) WITHOUT ROWID;
CREATE UNIQUE INDEX decision_by_ordinal ON decision (region, ordinal);

-- A revoked device that is to erase itself at its next contact, after it delivered what it holds.
ALTER TABLE device ADD COLUMN wipe_ordered_at INTEGER;
ALTER TABLE device ADD COLUMN wipe_told_at INTEGER;

-- Certificates that followed a device's first. The one in use and the newest are kept: an answer may have been lost.
CREATE TABLE certificate (
    region INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    number INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (region, fingerprint)
) WITHOUT ROWID;
CREATE INDEX certificate_by_device ON certificate (region, number);

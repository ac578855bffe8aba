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

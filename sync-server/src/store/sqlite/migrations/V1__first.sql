-- v1, 2026-11: first. Every key starts with the region, so that the same shape can be spread over machines.

-- One row a region. `ticket` rises with every fold, so that two projectors never write over each other.
CREATE TABLE region (
    region INTEGER NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    server_device BLOB NOT NULL,
    server_number INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    ticket INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE device (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id BLOB NOT NULL,
    van BLOB,
    label TEXT NOT NULL,
    fingerprint BLOB,
    certificate_expires_at INTEGER NOT NULL,
    signing_key BLOB NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired', 'revoked')),
    enrolled_at INTEGER NOT NULL,
    enrolled_by BLOB,
    last_seen_at INTEGER,
    clock_offset_ms INTEGER,
    app_version TEXT,
    was_answered INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX device_by_fingerprint ON device (region, fingerprint) WHERE fingerprint IS NOT NULL;

CREATE TABLE enrolment (
    region INTEGER NOT NULL,
    secret_hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    van BLOB NOT NULL,
    staff BLOB NOT NULL,
    PRIMARY KEY (region, secret_hash)
) WITHOUT ROWID;

-- One row a hash chain: a device's own (number = root), or a branch of it after a fork.
CREATE TABLE chain (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    root INTEGER NOT NULL,
    base_sequence INTEGER NOT NULL,
    base_hash BLOB NOT NULL,
    head_sequence INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    folded_sequence INTEGER NOT NULL,
    -- Never written to again: any sequence of it may stand in a clock.
    closed INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (region, number)
) WITHOUT ROWID;
CREATE INDEX chain_by_root ON chain (region, root);
CREATE INDEX chain_lagging ON chain (region, number) WHERE folded_sequence < head_sequence;

-- The log: one row a batch, its frame as it came over the wire. A batch that overlaps what was there begins
-- before `first_sequence`.
CREATE TABLE segment (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    head_hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (region, number, first_sequence)
);

-- Batches that were refused whole, as evidence; the oldest of a device make room.
CREATE TABLE refused (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX refused_by_device ON refused (region, number, at);

CREATE TABLE record (
    region INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    -- The one chain that wrote all of it, if one did.
    sole_author INTEGER,
    state BLOB NOT NULL,
    PRIMARY KEY (region, id)
);

CREATE TABLE fact (
    region INTEGER NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    subject BLOB NOT NULL,
    author INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (region, id)
);

CREATE TABLE bucket (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    -- Head of the bucket's log, locked by whoever appends to it.
    sequence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (region, number),
    UNIQUE (region, name)
) WITHOUT ROWID;

-- What a bucket holds. Class 0 is a record, 1 a fact.
CREATE TABLE member (
    region INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    class INTEGER NOT NULL,
    item BLOB NOT NULL,
    PRIMARY KEY (region, bucket, class, item)
) WITHOUT ROWID;
CREATE INDEX member_by_item ON member (region, item, class, bucket);

-- What came to a bucket, in order. Without `fields` the whole item came.
CREATE TABLE bucket_log (
    region INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    class INTEGER NOT NULL,
    item BLOB NOT NULL,
    -- The one chain that wrote this and holds it already, if one does.
    author INTEGER,
    fields BLOB,
    PRIMARY KEY (region, bucket, sequence)
) WITHOUT ROWID;

CREATE TABLE quarantine (
    region INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    released_at INTEGER,
    PRIMARY KEY (region, number, sequence)
) WITHOUT ROWID;

-- Which sites a van's days lead to: what decides the buckets that its devices see.
CREATE TABLE stop_site (
    region INTEGER NOT NULL,
    stop BLOB NOT NULL,
    site BLOB NOT NULL,
    van BLOB NOT NULL,
    day TEXT NOT NULL,
    PRIMARY KEY (region, stop, site)
) WITHOUT ROWID;
CREATE INDEX stop_site_by_van ON stop_site (region, van, day, site);

-- Every site that a van was ever sent to: what its devices may write to, however the plan changes while they are
-- away.
CREATE TABLE van_site (
    region INTEGER NOT NULL,
    van BLOB NOT NULL,
    site BLOB NOT NULL,
    PRIMARY KEY (region, van, site)
) WITHOUT ROWID;

-- What the last import said of a record, so that a file that has not changed never undoes what a van corrected.
CREATE TABLE import_memory (
    region INTEGER NOT NULL,
    record BLOB NOT NULL,
    fields BLOB NOT NULL,
    PRIMARY KEY (region, record)
) WITHOUT ROWID;

-- v1, 2026-11: the first schema of a device.

-- This device's own changes, as they were written. `about` is the visit that a change belongs to, if any.
CREATE TABLE log (
    sequence INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    stamp INTEGER NOT NULL,
    about BLOB,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX log_about ON log (about, sequence) WHERE about IS NOT NULL;

-- Merged states of the records that this device holds.
CREATE TABLE record (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;
CREATE INDEX record_kind ON record (kind);

-- Facts lie beside the other facts of their subject: one tree to write, one to read.
CREATE TABLE fact (
    subject BLOB NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (subject, id)
) STRICT, WITHOUT ROWID;

-- Which buckets hold a record, so that a bucket can be forgotten.
CREATE TABLE bucket (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE member (
    bucket INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (record, bucket)
) STRICT, WITHOUT ROWID;

-- Projections: made anew from records at any time.
CREATE TABLE link (
    target BLOB NOT NULL,
    kind INTEGER NOT NULL,
    field INTEGER NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (target, kind, field, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE person_index (
    row INTEGER PRIMARY KEY,
    names TEXT NOT NULL,
    sounds TEXT NOT NULL,
    numbers TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE person_search USING fts5 (
    names, sounds, numbers,
    content = 'person_index', content_rowid = 'row',
    tokenize = 'ascii', prefix = '2 3', detail = column, columnsize = 0
);
CREATE TABLE conflict (record INTEGER PRIMARY KEY) STRICT;

-- Changes of this device that the server keeps apart, with the reason's code.
CREATE TABLE rejected (sequence INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT;

-- Compression dictionaries trained on this device's own rows.
CREATE TABLE dictionary (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

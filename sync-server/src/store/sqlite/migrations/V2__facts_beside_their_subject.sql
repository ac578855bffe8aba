-- v2, 2026-11: facts lie beside the other facts of their subject and go wherever it goes. A bucket holds records only,
-- its log has one row for a record that came, whatever came of it, and the log is cut when it outgrows its members.

CREATE TABLE fact_of_subject (
    region INTEGER NOT NULL,
    subject BLOB NOT NULL,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    author INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (region, subject, id)
) WITHOUT ROWID;
INSERT INTO fact_of_subject SELECT region, subject, id, kind, author, body FROM fact ORDER BY region, subject, id;

-- A record need not be written to be a member: facts about it may come first.
CREATE TABLE member_record (
    region INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (region, bucket, record)
) WITHOUT ROWID;
INSERT INTO member_record SELECT region, bucket, item FROM member WHERE class = 0;
INSERT OR IGNORE INTO member_record SELECT member.region, member.bucket, fact.subject
FROM member JOIN fact ON fact.region = member.region AND fact.id = member.item WHERE member.class = 1;

DROP TABLE member;
DROP TABLE fact;
ALTER TABLE member_record RENAME TO member;
ALTER TABLE fact_of_subject RENAME TO fact;
CREATE INDEX member_by_record ON member (region, record, bucket);

-- Cursors of v1 are not read any more, so nobody asks for the old logs.
DROP TABLE bucket_log;
CREATE TABLE bucket_log (
    region INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    record BLOB NOT NULL,
    -- The one chain that wrote this and holds it already, if one does.
    author INTEGER,
    -- Which fields and facts came; without it the whole record came.
    news BLOB,
    PRIMARY KEY (region, bucket, sequence)
) WITHOUT ROWID;

-- The log of a bucket holds the rows after `trimmed`, through `sequence`.
ALTER TABLE bucket ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bucket ADD COLUMN members INTEGER NOT NULL DEFAULT 0;
UPDATE bucket SET trimmed = sequence, members = (
    SELECT count(*) FROM member WHERE member.region = bucket.region AND member.bucket = bucket.number);

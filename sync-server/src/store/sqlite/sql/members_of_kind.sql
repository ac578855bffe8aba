SELECT record.id, record.kind, record.sole_author, record.state
FROM member JOIN record ON record.region = member.region AND record.id = member.record
WHERE member.region = ?1 AND member.bucket = ?2 AND record.kind = ?3
ORDER BY member.record;

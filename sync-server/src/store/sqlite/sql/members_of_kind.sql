SELECT record.id, record.kind, record.sole_author, record.state
FROM member JOIN record ON record.region = member.region AND record.id = member.item
WHERE member.region = ?1 AND member.bucket = ?2 AND member.class = 0 AND record.kind = ?3
ORDER BY member.item;

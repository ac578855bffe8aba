SELECT member.record, record.state, record.sole_author
FROM member LEFT JOIN record ON record.region = member.region AND record.id = member.record
WHERE member.region = ?1 AND member.bucket = ?2 AND member.record > ?3
ORDER BY member.record;

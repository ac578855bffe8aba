SELECT bucket.name
FROM record JOIN bucket
    ON bucket.number = record.bucket
    OR bucket.number IN (SELECT member.bucket FROM member WHERE member.record = record.row)
WHERE record.id = ?
ORDER BY bucket.name DESC
LIMIT 1

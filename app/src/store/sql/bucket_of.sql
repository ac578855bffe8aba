SELECT bucket.name
FROM record JOIN member ON member.record = record.row JOIN bucket ON bucket.number = member.bucket
WHERE record.id = ?
ORDER BY bucket.name DESC
LIMIT 1

SELECT member.item, record.state
FROM member JOIN record ON record.region = member.region AND record.id = member.item
WHERE member.region = ?1 AND member.bucket = ?2 AND member.class = 0 AND member.item > ?3
    AND (?4 IS NULL OR record.sole_author IS NULL OR record.sole_author <> ?4)
ORDER BY member.item;

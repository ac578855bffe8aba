SELECT member.item, fact.body
FROM member JOIN fact ON fact.region = member.region AND fact.id = member.item
WHERE member.region = ?1 AND member.bucket = ?2 AND member.class = 1 AND member.item > ?3
    AND (?4 IS NULL OR fact.author <> ?4)
ORDER BY member.item;

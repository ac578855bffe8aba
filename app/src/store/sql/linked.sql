SELECT record.id, record.state
FROM link JOIN record ON record.row = link.record
WHERE link.target = ? AND link.kind = ? AND link.field = ?
ORDER BY record.row

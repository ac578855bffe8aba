SELECT q.reason, q.at, q.released_at, d.outcome, d.note, d.at
FROM quarantine q LEFT JOIN decision d ON d.region = q.region AND d.number = q.number AND d.sequence = q.sequence
WHERE q.region = ?1 AND q.number = ?2 AND q.sequence = ?3;

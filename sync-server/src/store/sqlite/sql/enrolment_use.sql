UPDATE enrolment SET used_at = ?3
WHERE region = ?1 AND secret_hash = ?2 AND used_at IS NULL AND expires_at > ?3
RETURNING van, staff;

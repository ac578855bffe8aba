SELECT expires_at, used_at, van, staff FROM enrolment WHERE region = ?1 AND secret_hash = ?2;

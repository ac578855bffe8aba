SELECT staff, name, role, salt, nonce, sealed, failures, lease_until, staff IN (SELECT staff FROM revoked)
FROM wrap
WHERE staff = ?

SELECT region, number, sequence, reason FROM {side}.quarantine WHERE released_at IS NULL;

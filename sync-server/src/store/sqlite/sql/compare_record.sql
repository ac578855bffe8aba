SELECT region, id, kind, sole_author, state FROM {side}.record;

SELECT region, id, kind, subject, body FROM {side}.fact;

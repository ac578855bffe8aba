BEGIN;
INSERT INTO region SELECT * FROM live.region;
INSERT INTO device SELECT * FROM live.device;
INSERT INTO chain SELECT * FROM live.chain;
UPDATE chain SET folded_sequence = base_sequence;
INSERT INTO segment SELECT * FROM live.segment;
-- What was kept apart was decided when it came, by what was known then. The decision stands.
INSERT INTO quarantine SELECT * FROM live.quarantine WHERE released_at IS NULL;
COMMIT;

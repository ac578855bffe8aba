BEGIN;
INSERT INTO region SELECT * FROM live.region;
INSERT INTO device SELECT * FROM live.device;
INSERT INTO chain SELECT * FROM live.chain;
UPDATE chain SET folded_sequence = base_sequence;
INSERT INTO segment SELECT * FROM live.segment;
-- What was kept apart, and what of it was released, was decided when it came or by an operator, by what was known
-- then. The decision stands.
INSERT INTO quarantine SELECT * FROM live.quarantine;
INSERT INTO decision SELECT * FROM live.decision;
COMMIT;

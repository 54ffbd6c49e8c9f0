-- From an entity of the code to the sessions whose events touched it (BRIDGE-07): an index for each way in which an event names one.

-- Up Migration

CREATE INDEX idx_journal_events_entities ON journal_events USING gin ((change_info -> 'entityIds')) WHERE change_info IS NOT NULL;
-- Paths may be longer than what an ordered index holds.
CREATE INDEX idx_journal_events_path ON journal_events USING hash ((payload ->> 'path')) WHERE type = 'file_change';
CREATE INDEX idx_journal_events_old_path ON journal_events USING hash ((payload ->> 'oldPath')) WHERE type = 'file_change';
-- From a session to the entities with which an anchor of it stays (BRIDGE-04).
CREATE INDEX idx_session_anchors_anchors ON session_anchors USING gin (anchors jsonb_path_ops);

-- Down Migration

DROP INDEX idx_session_anchors_anchors;
DROP INDEX idx_journal_events_old_path;
DROP INDEX idx_journal_events_path;
DROP INDEX idx_journal_events_entities;

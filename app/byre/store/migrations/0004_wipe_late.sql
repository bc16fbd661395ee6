-- What an order to wipe names beyond what had come here by then: it covers only what was said at or before `until` (ms).
CREATE TABLE wipe_late (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id) ON DELETE CASCADE,
    device_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    counter INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE INDEX wipe_late_run ON wipe_late (room, device_id, run_id);

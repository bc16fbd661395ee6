-- The keys of blobs' files go where nothing moves them (key_slots.py): a row that is deleted may leave a copy of itself in
-- the gap of a page, a slot that is overwritten does not.
CREATE TABLE key_slot (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;
INSERT INTO key_slot (id, key) SELECT row_number() OVER (ORDER BY blob_id), file_key FROM blob;
ALTER TABLE blob ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
UPDATE blob SET slot = (SELECT count(*) FROM blob AS other WHERE other.blob_id <= blob.blob_id);
ALTER TABLE blob DROP COLUMN file_key;

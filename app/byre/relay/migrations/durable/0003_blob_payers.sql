-- Whose allowance a blob counts against, so that a restart forgets none: SHA-256 over the blob's id and the token itself,
-- which the relay does not keep. Whoever has this file can tie no blob to a token, a mailbox or another blob.
ALTER TABLE blob ADD COLUMN payer BLOB NOT NULL DEFAULT x'';

-- Which commit ended an epoch (SHA-384): a second one for the same epoch, signed by a member, is proof that its order broke.
ALTER TABLE mls_epoch ADD COLUMN ended_by BLOB;

-- Claims of own commits, as the home was sent them: `ordered_at` (ms) is set once the home names the commit. They were settings
-- until now, up to some hundred KiB each, among which a small one was found only by reading the large ones.
CREATE TABLE signed_claim (
    group_id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    ordered_at INTEGER,
    home_url TEXT NOT NULL,
    group_tag BLOB NOT NULL,
    claim_id BLOB NOT NULL,
    commit_hash BLOB NOT NULL,
    next_claim_public BLOB NOT NULL,
    signature BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (group_id, epoch)
) STRICT;

-- rooms.ordered.<group>.<epoch>.<time>
INSERT OR REPLACE INTO signed_claim
    SELECT unhex(substr(name, 15, instr(substr(name, 15), '.') - 1)), claim ->> '$.epoch', CAST(substr(name, -13) AS INTEGER),
        claim ->> '$.home_url', unhex(claim ->> '$.group_tag'), unhex(claim ->> '$.claim_id'),
        unhex(claim ->> '$.commit_hash'), unhex(claim ->> '$.next_claim_public'), unhex(claim ->> '$.signature'),
        unhex(claim ->> '$.body')
    FROM (SELECT name, CAST(value AS TEXT) AS claim FROM setting WHERE name >= 'rooms.ordered.' AND name < 'rooms.ordered/')
    ORDER BY name;

-- rooms.claim.<group>: granted, not yet named
INSERT OR REPLACE INTO signed_claim
    SELECT unhex(substr(name, 13)), claim ->> '$.epoch', NULL,
        claim ->> '$.home_url', unhex(claim ->> '$.group_tag'), unhex(claim ->> '$.claim_id'),
        unhex(claim ->> '$.commit_hash'), unhex(claim ->> '$.next_claim_public'), unhex(claim ->> '$.signature'),
        unhex(claim ->> '$.body')
    FROM (SELECT name, CAST(value AS TEXT) AS claim FROM setting WHERE name >= 'rooms.claim.' AND name < 'rooms.claim/');

DELETE FROM setting WHERE name >= 'rooms.ordered.' AND name < 'rooms.ordered/' OR name >= 'rooms.claim.' AND name < 'rooms.claim/';

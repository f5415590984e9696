CREATE TABLE users (
    id                TEXT PRIMARY KEY,
    phone             TEXT NOT NULL UNIQUE,
    language          TEXT,
    theme             TEXT NOT NULL DEFAULT 'system',
    time_zone         TEXT NOT NULL DEFAULT 'Asia/Tashkent',
    created_at        INTEGER NOT NULL,
    tokens_valid_from INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- What processes hold in memory: an erased person's entry outlives their row until the last token is dead.
CREATE TABLE revocations (
    position          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id           TEXT NOT NULL UNIQUE,
    tokens_valid_from INTEGER NOT NULL,
    revoked_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE auth_events (
    position     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms        INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    user_id      TEXT,
    phone_masked TEXT,
    partner      TEXT,
    address      TEXT,
    request_id   TEXT,
    detail       TEXT
) STRICT;

CREATE INDEX auth_events_at ON auth_events (at_ms);
-- By the random end of the id alone: a person's events are looked for when they are erased, and written at every sign-in.
CREATE INDEX auth_events_user ON auth_events (substr(user_id, -12)) WHERE user_id IS NOT NULL;

-- Keys of tables that belong to a brand begin with the brand; no foreign key crosses brands; nothing depends on one
-- sequence. Times are milliseconds since 1970 UTC, money is minor units.

CREATE TABLE brands (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('test', 'live')),
    created_at INTEGER NOT NULL,
    settings TEXT NOT NULL,
    clock_offset_ms INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL
) STRICT;

-- One row: counts changes of brands, credentials, accounts and devices, for the caches of other processes.
CREATE TABLE config_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO config_version (id, version) VALUES (1, 1);

-- Looked up before the brand is known: a reference table.
CREATE TABLE credentials (
    lookup BLOB NOT NULL PRIMARY KEY,
    brand INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_of_brand ON credentials (brand, created_at);

CREATE TABLE accounts (
    brand INTEGER NOT NULL,
    id INTEGER NOT NULL,
    rail TEXT NOT NULL,
    method TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    label TEXT NOT NULL,
    instructions TEXT NOT NULL,
    limits TEXT NOT NULL,
    device INTEGER,
    sim INTEGER,
    position INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    PRIMARY KEY (brand, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    brand INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    key_lookup BLOB NOT NULL,
    sealed_secret BLOB NOT NULL,
    binding TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    battery INTEGER,
    acknowledged_seq INTEGER NOT NULL DEFAULT 0,
    pairing_lookup BLOB,
    pairing_expires_at INTEGER,
    revoked_at INTEGER,
    PRIMARY KEY (brand, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX devices_by_key ON devices (key_lookup);
CREATE UNIQUE INDEX devices_by_pairing ON devices (pairing_lookup) WHERE pairing_lookup IS NOT NULL;

-- Every message ever heard.
CREATE TABLE messages (
    brand INTEGER NOT NULL,
    id INTEGER NOT NULL,
    device INTEGER,
    seq INTEGER,
    sender TEXT NOT NULL,
    body TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    reading TEXT NOT NULL CHECK (reading IN ('receipt', 'not_money', 'unread')),
    why TEXT,
    method TEXT,
    balance_minor INTEGER,
    receipt_method TEXT,
    receipt_reference TEXT,
    resolved INTEGER NOT NULL,
    PRIMARY KEY (brand, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_seq ON messages (brand, device, seq) WHERE seq IS NOT NULL;
CREATE INDEX messages_unread ON messages (brand, id) WHERE reading = 'unread' AND resolved = 0;

-- The last balance that a wallet's messages told of.
CREATE TABLE balances (
    brand INTEGER NOT NULL,
    account INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    PRIMARY KEY (brand, account)
) STRICT, WITHOUT ROWID;

-- The row says that the payment was created: there is no `created` event.
CREATE TABLE payments (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    token INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    order_json TEXT NOT NULL,
    paid_json TEXT,
    PRIMARY KEY (brand, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL,
    account INTEGER NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (brand, number, n),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;
-- Who claims a receipt, in the order of the claims.
CREATE INDEX attempts_by_receipt ON attempts (brand, method, reference, at, number);

CREATE TABLE refunds (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT,
    requested_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (brand, number, n),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;

-- `version` is the payment's version that the event made, `line` counts the events of one decision.
CREATE TABLE events (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    line INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (brand, number, version, line),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    brand INTEGER NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    account INTEGER NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    payer TEXT,
    at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    confidence TEXT NOT NULL,
    warnings TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'dismissed')),
    problem TEXT,
    -- The payment that it pays, or for an open one the payment that wanted it.
    number INTEGER,
    token INTEGER,
    PRIMARY KEY (brand, method, reference),
    CHECK (state <> 'claimed' OR number IS NOT NULL)
) STRICT, WITHOUT ROWID;
-- One receipt pays one payment by its key; by this, one payment is paid by one receipt.
CREATE UNIQUE INDEX receipts_by_payment ON receipts (brand, number) WHERE state = 'claimed';
-- What waits for a person: open receipts, and those that pay with a remark.
CREATE INDEX receipts_inbox ON receipts (brand, received_at, method, reference)
    WHERE state = 'open' OR problem IS NOT NULL;

CREATE TABLE timers (
    brand INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (brand, due_ms, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    brand INTEGER NOT NULL,
    id INTEGER NOT NULL,
    payment INTEGER NOT NULL,
    url TEXT NOT NULL,
    content_type TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    lease_until INTEGER,
    PRIMARY KEY (brand, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (brand, next_at, id) WHERE state = 'pending';
CREATE INDEX outbox_by_payment ON outbox (brand, payment, id);

CREATE TABLE deliveries (
    brand INTEGER NOT NULL,
    callback INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    duration_ms INTEGER NOT NULL,
    response BLOB NOT NULL,
    PRIMARY KEY (brand, callback, attempt),
    FOREIGN KEY (brand, callback) REFERENCES outbox (brand, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_entries (
    brand INTEGER NOT NULL,
    tx_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL CHECK (minor <> 0),
    purpose TEXT NOT NULL,
    payment INTEGER,
    receipt TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (brand, tx_id, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    brand INTEGER NOT NULL,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (brand, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    brand INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    answer BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (brand, dialect, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_entries_keep_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is insert-only'); END;
CREATE TRIGGER ledger_entries_keep_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is insert-only'); END;
CREATE TRIGGER audit_keep_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END;
CREATE TRIGGER audit_keep_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is insert-only'); END;

-- Payouts, rail accounts that need more than a number, and amounts that tell payments apart.

-- What else a rail account needs (names, codes), as JSON; and its secret, if its far end has one, sealed.
ALTER TABLE accounts ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE accounts ADD COLUMN sealed BLOB;
-- Whose signature a callback bears; none for those that were written before.
ALTER TABLE outbox ADD COLUMN dialect TEXT;

CREATE TABLE payouts (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    token INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    order_json TEXT NOT NULL,
    sent_json TEXT,
    reason TEXT,
    changed_at INTEGER NOT NULL,
    -- What only whoever sends the money may see, such as a card's whole number; gone once it is sent or failed.
    sealed BLOB,
    PRIMARY KEY (brand, number),
    CHECK (sealed IS NULL OR state IN ('pending', 'processing'))
) STRICT, WITHOUT ROWID;
-- What somebody still has to send.
CREATE INDEX payouts_open ON payouts (brand, number) WHERE state IN ('pending', 'processing');

-- How a payout came to stand where it stands.
CREATE TABLE payout_events (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (brand, number, version),
    FOREIGN KEY (brand, number) REFERENCES payouts (brand, number)
) STRICT, WITHOUT ROWID;

-- What a merchant can dispose of, as of a ledger transaction: what came later is added to it. Can be made anew at any time.
CREATE TABLE earnings (
    brand INTEGER NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    up_to INTEGER NOT NULL,
    PRIMARY KEY (brand, currency)
) STRICT, WITHOUT ROWID;

-- Amounts that only one payment of the brand waits for. One that is over keeps its amount for a while: its money may be late.
CREATE TABLE expected_amounts (
    brand INTEGER NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    number INTEGER NOT NULL,
    since INTEGER NOT NULL,
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (brand, currency, minor)
) STRICT, WITHOUT ROWID;

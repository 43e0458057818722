-- What was asked of card networks for payments, and what became of it. Nothing here is a card: see card_holds.
CREATE TABLE card_operations (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    payment INTEGER NOT NULL,
    token INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    follows INTEGER,
    account INTEGER NOT NULL,
    card TEXT NOT NULL,
    merchant_name TEXT,
    note TEXT,
    at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    detail TEXT NOT NULL,
    request_key TEXT,
    request_until INTEGER,
    ask_at INTEGER,
    asked INTEGER NOT NULL,
    PRIMARY KEY (brand, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX card_operations_of_payment ON card_operations (brand, payment, seq);
CREATE INDEX card_operations_by_name ON card_operations (brand, merchant_name) WHERE merchant_name IS NOT NULL;
CREATE INDEX card_operations_by_request ON card_operations (brand, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX card_operations_to_ask ON card_operations (brand, ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX card_operations_by_number ON card_operations (number);

-- A card between its holder's authentication and the sale: sealed, and gone at the sale, a failure, or this time.
CREATE TABLE card_holds (
    brand INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (brand, operation)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_holds_by_end ON card_holds (brand, until);

-- How often a card was tried, by a keyed hash of its number.
CREATE TABLE card_guards (
    brand INTEGER NOT NULL,
    card BLOB NOT NULL,
    guard TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (brand, card)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_guards_by_age ON card_guards (brand, changed_at);

-- Cards that a network keeps, by the name that the merchant knows.
CREATE TABLE kept_cards (
    brand INTEGER NOT NULL,
    value TEXT NOT NULL,
    account INTEGER NOT NULL,
    network_token TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    card TEXT NOT NULL,
    reusable INTEGER NOT NULL,
    decline_duplicates INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (brand, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX kept_cards_by_card ON kept_cards (brand, fingerprint);

-- The memory of the simulated network and its issuers: the far end of test mode.
CREATE TABLE simulated_cards (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (brand, number)
) STRICT, WITHOUT ROWID;

-- Money that goes back (refunds, chargebacks), and payments that come again (subscriptions).

-- Why a payment was declined.
ALTER TABLE payments ADD COLUMN reason TEXT;
-- From where the payer acted, as JSON.
ALTER TABLE attempts ADD COLUMN origin TEXT;
-- The number to which a receipt's money can be sent back.
ALTER TABLE receipts ADD COLUMN refund_to TEXT;
-- The merchant's own name of a refund, and to whom it goes.
ALTER TABLE refunds ADD COLUMN reference TEXT;
ALTER TABLE refunds ADD COLUMN payee TEXT;
-- Refunds that somebody still has to send; a debit is compared with those of its amount and payee.
CREATE INDEX refunds_open ON refunds (brand, minor, payee, requested_at, number, n) WHERE state IN ('pending', 'processing');

CREATE TABLE chargebacks (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (brand, number, n),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;

-- Money that left a rail account, as its messages or a person tell; with the refund that it was for, if it was for one.
CREATE TABLE debits (
    brand INTEGER NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    account INTEGER NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    fee_minor INTEGER,
    payee TEXT,
    sent_at INTEGER,
    heard_at INTEGER NOT NULL,
    -- On whose word it rests: 'message', 'doubtful_message' or 'person'.
    told_by TEXT NOT NULL,
    number INTEGER,
    refund INTEGER,
    PRIMARY KEY (brand, method, reference)
) STRICT, WITHOUT ROWID;
-- One debit is of one refund by its key; by this, one refund is sent by one debit.
CREATE UNIQUE INDEX debits_by_refund ON debits (brand, number, refund) WHERE number IS NOT NULL;

-- Debits that went for no refund so far, and those that only a person told of: for what is compared with them.
CREATE INDEX debits_loose ON debits (brand, minor, heard_at) WHERE number IS NULL OR told_by = 'person';

-- Known by the number of its first payment.
CREATE TABLE subscriptions (
    brand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    terms TEXT NOT NULL,
    made INTEGER NOT NULL,
    next_period INTEGER NOT NULL,
    next_at INTEGER,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (brand, number),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_due ON subscriptions (brand, next_at, number) WHERE next_at IS NOT NULL;

CREATE TABLE subscription_payments (
    brand INTEGER NOT NULL,
    subscription INTEGER NOT NULL,
    n INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (brand, subscription, n),
    FOREIGN KEY (brand, subscription) REFERENCES subscriptions (brand, number),
    FOREIGN KEY (brand, number) REFERENCES payments (brand, number)
) STRICT, WITHOUT ROWID;

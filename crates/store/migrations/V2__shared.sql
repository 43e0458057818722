-- What several nodes need of one database.

-- Facts of the database itself, such as which master key it belongs to.
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A unique key of a brand's table begins with the brand, so that the table can be spread by it. The look-up by a keyed
-- hash alone needs an index of its own.
DROP INDEX devices_by_key;
DROP INDEX devices_by_pairing;
CREATE UNIQUE INDEX devices_key ON devices (brand, key_lookup);
CREATE INDEX devices_by_key ON devices (key_lookup);
CREATE INDEX devices_by_pairing ON devices (pairing_lookup) WHERE pairing_lookup IS NOT NULL;

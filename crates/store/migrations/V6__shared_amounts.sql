-- An amount that several payments wait for: it pays none of them by itself.
ALTER TABLE expected_amounts ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0;

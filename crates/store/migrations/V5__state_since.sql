-- Since when a payment has its state; NULL: since it was made.
ALTER TABLE payments ADD COLUMN state_since INTEGER;

-- What creating a payment costs PostgreSQL by itself: the two rows that Torana writes, in a transaction of their own.
-- For pgbench; see src/yardsticks.rs.
BEGIN;
INSERT INTO payments (brand, number, token, created_at, version, state, order_json)
VALUES (1,
  -- Milliseconds, the client so that no two clients ever meet, and 15 random bits.
  ((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000) * 2097152
    + :client_id * 32768 + (random() * 32767)::bigint,
  1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, 1, 'created',
  '{"dialect": "rupantorpay", "amount": {"minor": 90000, "currency": "BDT"}, "fee": {"minor": 0, "currency": "BDT"}, "due": {"minor": 90000, "currency": "BDT"}, "tolerance_minor": 0, "customer": {"name": "John Doe", "email": "john@gmail.com", "phone": null}, "urls": {"success": "https://shop.example.com/success.php", "cancel": "https://shop.example.com/cancel.php", "callback": "https://shop.example.com/webhook.php"}, "metadata": "{\"order_id\": \"12345\", \"product\": \"Premium\"}", "dialect_note": null, "expires_at": 1795257012000}')
RETURNING number \gset
INSERT INTO timers (brand, due_ms, number)
VALUES (1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 3600000, :number);
COMMIT;

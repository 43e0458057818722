-- Spreads Torana's tables over a Citus cluster by brand. Run it once, on the coordinator, in Torana's database, after a
-- first start of `torana serve` made the tables and before there is much in them:
--
--     psql "$TORANA_DATABASE_URL" --set ON_ERROR_STOP=1 --file deploy/citus.sql
--
-- Every key of a brand's table begins with the brand, no foreign key crosses brands, each command's transaction touches one
-- brand, and nothing counts by a sequence: crates/store/tests/postgres.rs reads the catalog and fails when a table breaks
-- this. So all of a brand's rows live on one node, and its transactions never leave it.

CREATE EXTENSION IF NOT EXISTS citus;

-- The triggers that keep the ledger and the audit log insert-only write nothing elsewhere.
SET citus.enable_unsafe_triggers = on;
ALTER DATABASE :DBNAME SET citus.enable_unsafe_triggers = on;

-- Looked up before the brand is known, small, seldom changed: a copy on every node.
SELECT create_reference_table('config_version');
SELECT create_reference_table('credentials');
SELECT create_reference_table('facts');

SELECT create_distributed_table('brands', 'id');
SELECT create_distributed_table('accounts', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('devices', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('messages', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('balances', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('payments', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('attempts', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('refunds', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('chargebacks', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('debits', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('subscriptions', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('subscription_payments', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('events', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('receipts', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('timers', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('outbox', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('deliveries', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('ledger_entries', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('payouts', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('payout_events', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('earnings', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('expected_amounts', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('card_operations', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('card_holds', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('card_guards', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('kept_cards', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('simulated_cards', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('audit', 'brand', colocate_with => 'brands');
SELECT create_distributed_table('idempotency', 'brand', colocate_with => 'brands');

//! The tables as a whole: for moving all rows from one database to another, and for looking at them from outside.

use std::sync::OnceLock;

use crate::sql::{Datum, Row, Value, limit};
use crate::{Reader, StoreError, Tx};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A 64-bit integer.
    Int,
    /// A text.
    Text,
    /// Bytes.
    Blob,
}

/// A table with its statements, which are made once for the life of the process.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Names and kinds of its columns, the key's first, in the key's order.
    pub columns: Vec<(&'static str, Kind)>,
    /// How many of them are the key.
    pub key: usize,
    pub(crate) insert: &'static str,
    pub(crate) copy: &'static str,
    first_page: &'static str,
    next_page: &'static str,
    last_key: &'static str,
    count: &'static str,
}

/// Every table but those that a database makes for itself (`config_version`, the migrations' own), in an order in which
/// rows can be inserted. A `*` ends the key; `:i` is an integer, `:b` bytes, everything else text.
const TABLES: &[(&str, &str)] = &[
    ("brands", "id:i * name mode created_at:i settings clock_offset_ms:i version:i"),
    ("credentials", "lookup:b * brand:i dialect sealed:b created_at:i revoked_at:i"),
    (
        "accounts",
        "brand:i id:i * rail method kind number label instructions limits device:i sim:i position:i enabled:i
         details sealed:b",
    ),
    (
        "devices",
        "brand:i id:i * name email key_lookup:b sealed_secret:b binding created_at:i last_seen_at:i battery:i
         acknowledged_seq:i pairing_lookup:b pairing_expires_at:i revoked_at:i",
    ),
    (
        "messages",
        "brand:i id:i * device:i seq:i sender body heard_at:i received_at:i reading why method balance_minor:i
         receipt_method receipt_reference resolved:i",
    ),
    ("balances", "brand:i account:i * minor:i"),
    ("payments", "brand:i number:i * token:i created_at:i version:i state order_json paid_json reason state_since:i"),
    ("attempts", "brand:i number:i n:i * account:i method reference state at:i origin"),
    (
        "refunds",
        "brand:i number:i n:i * minor:i state reason note requested_at:i changed_at:i reference payee",
    ),
    ("chargebacks", "brand:i number:i n:i * minor:i state reason opened_at:i changed_at:i"),
    (
        "debits",
        "brand:i method reference * account:i currency minor:i fee_minor:i payee sent_at:i heard_at:i told_by
         number:i refund:i",
    ),
    (
        "subscriptions",
        "brand:i number:i * version:i state terms made:i next_period:i next_at:i created_at:i ended_at:i",
    ),
    ("subscription_payments", "brand:i subscription:i n:i * number:i"),
    ("events", "brand:i number:i version:i line:i * at:i kind"),
    (
        "receipts",
        "brand:i method reference * account:i currency minor:i payer at:i received_at:i confidence warnings state
         problem number:i token:i refund_to",
    ),
    ("timers", "brand:i due_ms:i number:i *"),
    (
        "outbox",
        "brand:i id:i * payment:i url content_type headers body:b created_at:i state attempts:i next_at:i lease_until:i
         dialect",
    ),
    (
        "deliveries",
        "brand:i callback:i attempt:i * at:i status:i error duration_ms:i response:b",
    ),
    (
        "ledger_entries",
        "brand:i tx_id:i line:i * account currency minor:i purpose payment:i receipt at:i",
    ),
    (
        "payouts",
        "brand:i number:i * token:i created_at:i version:i state order_json sent_json reason changed_at:i sealed:b",
    ),
    ("payout_events", "brand:i number:i version:i * at:i state"),
    ("earnings", "brand:i currency * minor:i up_to:i"),
    ("expected_amounts", "brand:i currency minor:i * number:i since:i kept_until:i is_shared:i"),
    (
        "card_operations",
        "brand:i number:i * payment:i token:i seq:i kind state currency minor:i follows:i account:i card merchant_name
         note at:i changed_at:i detail request_key request_until:i ask_at:i asked:i",
    ),
    ("card_holds", "brand:i operation:i * sealed:b until:i"),
    ("card_guards", "brand:i card:b * guard changed_at:i"),
    (
        "kept_cards",
        "brand:i value * account:i network_token fingerprint:b card reusable:i decline_duplicates:i at:i",
    ),
    ("simulated_cards", "brand:i number:i * record"),
    ("audit", "brand:i id:i * at:i actor action detail"),
    ("idempotency", "brand:i dialect key * request_hash:b answer:b at:i"),
    ("facts", "name * value:b"),
];

/// All tables, in an order in which their rows can be inserted.
pub fn tables() -> &'static [Table] {
    static MADE: OnceLock<Vec<Table>> = OnceLock::new();
    MADE.get_or_init(|| TABLES.iter().map(|(name, columns)| Table::new(name, columns)).collect())
}

/// A table by its name.
pub fn table(name: &str) -> Option<&'static Table> {
    tables().iter().find(|table| table.name == name)
}

impl Table {
    fn new(name: &'static str, described: &'static str) -> Self {
        let mut columns = vec![];
        let mut key = 0;
        for word in described.split_whitespace() {
            match word.split_once(':') {
                _ if word == "*" => key = columns.len(),
                Some((column, "i")) => columns.push((column, Kind::Int)),
                Some((column, _)) => columns.push((column, Kind::Blob)),
                None => columns.push((word, Kind::Text)),
            }
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let all = names.join(", ");
        let keys = names.get(..key).unwrap_or_default();
        let (keys, keys_down) = (keys.join(", "), keys.join(" DESC, "));
        let places =
            |count: usize| (1..=count).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
        // Once for the life of the process: statements are known by their address.
        let fixed = |sql: String| -> &'static str { Box::leak(sql.into_boxed_str()) };
        let (of_all, of_key, most) = (places(names.len()), places(key), key + 1);
        Self {
            insert: fixed(format!("INSERT INTO {name} ({all}) VALUES ({of_all})")),
            copy: fixed(format!("COPY {name} ({all}) FROM STDIN BINARY")),
            first_page: fixed(format!("SELECT {all} FROM {name} ORDER BY {keys} LIMIT ?1")),
            next_page: fixed(format!(
                "SELECT {all} FROM {name} WHERE ({keys}) > ({of_key}) ORDER BY {keys} LIMIT ?{most}"
            )),
            last_key: fixed(format!("SELECT {keys} FROM {name} ORDER BY {keys_down} DESC LIMIT 1")),
            count: fixed(format!("SELECT count(*) FROM {name}")),
            name,
            columns,
            key,
        }
    }
}

fn cells(row: Row<'_>, count: usize) -> Result<Vec<Datum>, StoreError> {
    (0..count).map(|index| Datum::try_from(row.0.column(index)?)).collect()
}

impl Reader<'_> {
    /// Rows of a table in the order of its key, from behind the key `after`.
    pub fn table_rows(
        &self,
        table: &'static Table,
        after: Option<&[Datum]>,
        most: usize,
    ) -> Result<Vec<Vec<Datum>>, StoreError> {
        let read = |row: Row<'_>| cells(row, table.columns.len());
        let Some(after) = after else {
            return self.sql.rows(table.first_page, &[limit(most)], read);
        };
        let mut params: Vec<Value<'_>> =
            after.iter().take(table.key).map(Datum::as_value).collect();
        params.push(limit(most));
        self.sql.rows(table.next_page, &params, read)
    }

    /// The highest key of a table.
    pub fn last_key(&self, table: &'static Table) -> Result<Option<Vec<Datum>>, StoreError> {
        self.sql.row(table.last_key, &[], |row| cells(row, table.key))
    }

    /// How many rows a table has. Counts them.
    pub fn count_rows(&self, table: &'static Table) -> Result<i64, StoreError> {
        self.sql.int(table.count, &[])
    }
}

impl Tx<'_> {
    /// Inserts rows as they are, each with all columns of the table. For moving data, not for commands.
    pub fn insert_rows(
        &mut self,
        table: &'static Table,
        rows: &[Vec<Datum>],
    ) -> Result<(), StoreError> {
        self.sql.insert_rows(table, rows)
    }
}

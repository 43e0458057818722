//! What the provider calls the ways by which money comes: a wallet is a gateway of its own.

/// A gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gateway<'a> {
    /// v2's `network` (provider §2.4: `bkash`).
    pub(super) network: &'a str,
    /// v1's `gateway_name`.
    pub(super) name: &'a str,
    /// v1's `gateway_url`; empty where none is known.
    pub(super) url: &'a str,
    /// v2's `category`: `mfs` for a mobile financial service; `bank`, a word of ours, for a transfer between banks.
    pub(super) category: &'a str,
}

/// A transfer that a bank tells of.
const BANK: &str = "bank";
const KNOWN: [(&str, &str, &str); 13] = [
    ("bkash", "bKash", "https://www.bkash.com"),
    ("nagad", "Nagad", "https://nagad.com.bd"),
    ("rocket", "Rocket", "https://www.dutchbanglabank.com"),
    ("upay", "Upay", "https://www.upaybd.com"),
    ("tap", "Tap", "https://www.trustaxiatapay.com"),
    ("cellfin", "CellFin", "https://www.islamibankbd.com"),
    ("okwallet", "OK Wallet", "https://www.onebank.com.bd"),
    ("mcash", "mCash", "https://www.islamibankbd.com"),
    ("pathaopay", "Pathao Pay", "https://pathao.com"),
    ("ipay", "iPay", "https://www.ipay.com.bd"),
    ("surecash", "SureCash", "https://www.surecash.net"),
    ("tallypay", "TallyPay", "https://tallypay.com"),
    (BANK, "Bank transfer", ""),
];

/// The gateway of a receipt's method.
pub(super) fn of(method: &str) -> Gateway<'_> {
    let known = KNOWN.iter().find(|(slug, _, _)| *slug == method);
    let (name, url) = known.map_or((method, ""), |(_, name, url)| (*name, *url));
    let category = if method == BANK { "bank" } else { "mfs" };
    Gateway { network: method, name, url, category }
}

//! The payers' apps by their own link schemes, for phones that have no chooser for `upi://`.

use serde::{Deserialize, Serialize};

/// An app that takes UPI links under a scheme of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum App {
    /// Google Pay.
    GooglePay,
    /// PhonePe.
    PhonePe,
    /// Paytm.
    Paytm,
    /// BHIM, of NPCI itself.
    Bhim,
}

impl App {
    /// Every app, most used first.
    pub const ALL: [Self; 4] = [Self::PhonePe, Self::GooglePay, Self::Paytm, Self::Bhim];

    /// The name as the brand spells it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::GooglePay => "Google Pay",
            Self::PhonePe => "PhonePe",
            Self::Paytm => "Paytm",
            Self::Bhim => "BHIM",
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::GooglePay => "tez://upi/pay",
            Self::PhonePe => "phonepe://pay",
            Self::Paytm => "paytmmp://pay",
            Self::Bhim => "bhim://upi/pay",
        }
    }

    /// The same link for this app alone; `None` if `uri` is not as [`super::Link::to_uri`] writes it.
    pub fn link(self, uri: &str) -> Option<String> {
        let query = uri.strip_prefix("upi://pay?")?;
        Some(format!("{}?{query}", self.address()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_address_changes() {
        let links = App::ALL.map(|app| app.link("upi://pay?cu=INR&pa=a.b@ybl&pn=A%20B").unwrap());
        assert_eq!(
            links,
            [
                "phonepe://pay?cu=INR&pa=a.b@ybl&pn=A%20B",
                "tez://upi/pay?cu=INR&pa=a.b@ybl&pn=A%20B",
                "paytmmp://pay?cu=INR&pa=a.b@ybl&pn=A%20B",
                "bhim://upi/pay?cu=INR&pa=a.b@ybl&pn=A%20B",
            ]
        );
        assert_eq!(App::Bhim.link("https://pay?pa=a.b@ybl"), None);
    }
}

//! Banks of India, and the headers under which their messages come.
//!
//! A header is `XX-NAME`: two letters for the operator and region, then the name that the bank registered,
//! then perhaps a letter for the kind of message (`S` service, `T` transaction, `G` government, `P`
//! promotion). Names match as a whole. Operators let nobody else send under them; whoever has a gateway
//! abroad may still forge one, which is what [`super::confidence`] is for.

use serde::{Deserialize, Serialize};

macro_rules! banks {
    ($($variant:ident $slug:literal $title:literal [$($header:literal),+];)+) => {
        /// A bank whose messages are read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Bank {
            $(
                #[doc = $title]
                #[serde(rename = $slug)]
                $variant,
            )+
        }

        impl Bank {
            /// Every bank.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name. Derived references are made from it: it must never change.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The name that people know.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The registered names, in upper case; the first is simulated.
            pub(super) const fn headers(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($header),+],)+ }
            }
        }
    };
}

banks! {
    Airtel "airtel" "Airtel Payments Bank" ["AIRBNK"];
    Au "au" "AU Small Finance Bank" ["AUBANK", "AUBSMS"];
    Axis "axis" "Axis Bank" ["AXISBK", "AXISBN"];
    Bandhan "bandhan" "Bandhan Bank" ["BDNSMS", "BANDHN"];
    Baroda "baroda" "Bank of Baroda" ["BOBSMS", "BOBTXN"];
    BankOfIndia "boi" "Bank of India" ["BOIIND", "BOIBNK"];
    Canara "canara" "Canara Bank" ["CANBNK"];
    Central "central" "Central Bank of India" ["CENTBK"];
    Dhanlaxmi "dhanlaxmi" "Dhanlaxmi Bank" ["DHANBK"];
    Equitas "equitas" "Equitas Small Finance Bank" ["EQUTAS", "EQUITA", "EQUITS"];
    Federal "federal" "Federal Bank" ["FEDBNK", "FEDFIB"];
    Hdfc "hdfc" "HDFC Bank" ["HDFCBK", "HDFCBN"];
    Icici "icici" "ICICI Bank" ["ICICIB", "ICICIT"];
    Idbi "idbi" "IDBI Bank" ["IDBIBK"];
    Idfc "idfc" "IDFC FIRST Bank" ["IDFCFB", "IDFCBK"];
    Indian "indian" "Indian Bank" ["INDBNK"];
    IndianOverseas "iob" "Indian Overseas Bank" ["IOBCHN", "IOBBNK"];
    IndiaPost "ippb" "India Post Payments Bank" ["IPBMSG", "IPPBNK", "IPPBMB", "IPPB"];
    IndusInd "indusind" "IndusInd Bank" ["INDUSB"];
    Jana "jana" "Jana Small Finance Bank" ["JANABK", "JANASFB"];
    Jio "jio" "Jio Payments Bank" ["JIOPBS"];
    Karnataka "karnataka" "Karnataka Bank" ["KBLBNK"];
    KeralaGramin "keralagramin" "Kerala Gramin Bank" ["KGBANK"];
    Kotak "kotak" "Kotak Mahindra Bank" ["KOTAKB"];
    Nsdl "nsdl" "NSDL Payments Bank" ["NSDLPB"];
    PunjabNational "pnb" "Punjab National Bank" ["PNBSMS", "PNBBNK"];
    PunjabSind "punjabsind" "Punjab & Sind Bank" ["PSBANK"];
    Rbl "rbl" "RBL Bank" ["RBLBNK"];
    Slice "slice" "slice" ["SLCBNK", "SLICEIT", "SLCEIT", "SLICE"];
    SouthIndian "southindian" "South Indian Bank" ["SIBSMS"];
    State "sbi" "State Bank of India" ["SBIUPI", "SBIINB", "CBSSBI", "SBIPSG", "ATMSBI", "SBIBNK"];
    Uco "uco" "UCO Bank" ["UCOBNK"];
    Union "union" "Union Bank of India" ["UNIONB"];
    Yes "yes" "Yes Bank" ["YESBNK"];
}

impl Bank {
    /// The bank of a slug, exactly as [`Bank::slug`] writes it.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|bank| bank.slug() == slug)
    }
}

/// Who speaks, by the sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Speaker {
    pub bank: Bank,
    /// Whether the header itself says that it is advertising.
    pub promotes: bool,
}

impl Speaker {
    /// `None` for a sender that is no bank's header.
    pub fn of(sender: &str) -> Option<Self> {
        let header = sender.trim().to_ascii_uppercase();
        let parts: Vec<&str> = header.split('-').collect();
        let is_prefix =
            |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let (name, kind) = match parts.as_slice() {
            [name] => (*name, ""),
            [prefix, name] if is_prefix(prefix) => (*name, ""),
            [name, kind] => (*name, *kind),
            [prefix, name, kind] if is_prefix(prefix) => (*name, *kind),
            _ => return None,
        };
        let promotes = match kind {
            "" | "S" | "T" | "G" => false,
            "P" => true,
            _ => return None,
        };
        let bank = Bank::ALL.iter().copied().find(|bank| bank.headers().contains(&name))?;
        Some(Self { bank, promotes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_speaks_for_one_bank() {
        for bank in Bank::ALL {
            assert_eq!(Bank::from_slug(bank.slug()), Some(*bank));
            for header in bank.headers() {
                let expect = Some(Speaker { bank: *bank, promotes: false });
                for sender in [
                    (*header).to_owned(),
                    format!("AX-{header}"),
                    format!("jd-{}-s", header.to_lowercase()),
                    format!(" VM-{header}-T "),
                    format!("{header}-G"),
                ] {
                    assert_eq!(Speaker::of(&sender), expect, "{sender}");
                }
            }
        }
        let promotion = Speaker::of("AX-HDFCBK-P").unwrap();
        assert!(promotion.promotes);
    }

    #[test]
    fn near_misses_speak_for_nobody() {
        for sender in [
            "",
            "-",
            "HDFC",
            "HDFCBK1",
            "AXX-HDFCBK",
            "AX-HDFCBK-S-T",
            "AX-HDFCBK-Z",
            "ＨDFCBK",
            "+919876500000",
            "Google Pay",
            "AX HDFCBK",
            "HDFCBK-AX-S",
            "PhonePe",
        ] {
            assert_eq!(Speaker::of(sender), None, "{sender}");
        }
    }
}

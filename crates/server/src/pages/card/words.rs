//! What the payer of a card is told. The codes are for addresses: a page that answers a form by another address
//! (`?code=…`) can be loaded again without sending a card again.

use torana_domain::card::Advice;

use crate::pages::Language;

/// A field of the card's form that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardField {
    /// The number.
    Number,
    /// The month and year.
    Expiry,
    /// The security code.
    SecurityCode,
}

impl CardField {
    /// The field's name in the form, and its id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Expiry => "expiry",
            Self::SecurityCode => "security_code",
        }
    }
}

/// What is wrong with a field. Stands next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFieldError {
    /// No number was typed.
    NumberMissing,
    /// No card has that number.
    NumberWrong,
    /// Cards of that network are not taken.
    NumberNotTaken,
    /// No month was typed.
    ExpiryMissing,
    /// What was typed is no month.
    ExpiryWrong,
    /// The month is over.
    ExpiryOver,
    /// No security code was typed.
    CodeMissing,
    /// What was typed is no security code.
    CodeWrong,
}

impl CardFieldError {
    /// Every error, in the order of the fields.
    pub const ALL: [Self; 8] = [
        Self::NumberMissing,
        Self::NumberWrong,
        Self::NumberNotTaken,
        Self::ExpiryMissing,
        Self::ExpiryWrong,
        Self::ExpiryOver,
        Self::CodeMissing,
        Self::CodeWrong,
    ];

    /// A stable code for addresses and scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::NumberMissing => "number_missing",
            Self::NumberWrong => "number_wrong",
            Self::NumberNotTaken => "number_not_taken",
            Self::ExpiryMissing => "expiry_missing",
            Self::ExpiryWrong => "expiry_wrong",
            Self::ExpiryOver => "expiry_over",
            Self::CodeMissing => "code_missing",
            Self::CodeWrong => "code_wrong",
        }
    }

    /// Reads its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|error| error.code() == code)
    }

    /// The field that it is about.
    pub fn field(self) -> CardField {
        match self {
            Self::NumberMissing | Self::NumberWrong | Self::NumberNotTaken => CardField::Number,
            Self::ExpiryMissing | Self::ExpiryWrong | Self::ExpiryOver => CardField::Expiry,
            Self::CodeMissing | Self::CodeWrong => CardField::SecurityCode,
        }
    }

    pub(super) fn text(self, language: Language) -> String {
        text(language, self.code())
    }
}

/// What became of the last try with a card, where another can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardNotice {
    /// The issuer or the network refused.
    Declined(Advice),
    /// The network was not reached: nothing happened.
    NotReached,
    /// A try of this payment is still under way.
    Busy,
    /// Too many tries of this payment, or from this address.
    TooManyTries,
    /// Too many wrong codes with this card: it is not asked for a day.
    CardRests,
    /// The issuer does not say that the payer is the holder.
    AuthenticationFailed,
    /// The payer did not confirm in time.
    Expired,
}

impl CardNotice {
    /// Every notice.
    pub const ALL: [Self; 12] = [
        Self::Declined(Advice::None),
        Self::Declined(Advice::CheckDetails),
        Self::Declined(Advice::AskIssuer),
        Self::Declined(Advice::OtherCard),
        Self::Declined(Advice::LaterOrLess),
        Self::Declined(Advice::Merchant),
        Self::NotReached,
        Self::Busy,
        Self::TooManyTries,
        Self::CardRests,
        Self::AuthenticationFailed,
        Self::Expired,
    ];

    /// A stable code for addresses and scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Declined(Advice::None) => "declined",
            Self::Declined(Advice::CheckDetails) => "declined_check_details",
            Self::Declined(Advice::AskIssuer) => "declined_ask_issuer",
            Self::Declined(Advice::OtherCard) => "declined_other_card",
            Self::Declined(Advice::LaterOrLess) => "declined_later_or_less",
            Self::Declined(Advice::Merchant) => "declined_merchant",
            Self::NotReached => "not_reached",
            Self::Busy => "busy",
            Self::TooManyTries => "too_many_tries",
            Self::CardRests => "rests",
            Self::AuthenticationFailed => "authentication_failed",
            Self::Expired => "confirmation_expired",
        }
    }

    /// Reads its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.code() == code)
    }

    pub(super) fn text(self, language: Language) -> String {
        text(language, self.code())
    }
}

/// What to say above or at the field of a one-time code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeNotice {
    /// A code is on its way.
    Sent,
    /// Another is, and the one before is worth nothing.
    SentAgain,
    /// None was typed, or no code.
    NotACode,
    /// The code was wrong, and another can be tried.
    Wrong,
    /// The code was too old.
    CodeExpired,
    /// The last one was sent a moment ago.
    NotResentTooSoon,
    /// No more are sent; the last one still holds.
    NoMoreCodes,
    /// The issuer did not answer.
    Lost,
}

impl CodeNotice {
    /// Every notice.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::SentAgain,
        Self::NotACode,
        Self::Wrong,
        Self::CodeExpired,
        Self::NotResentTooSoon,
        Self::NoMoreCodes,
        Self::Lost,
    ];

    /// A stable code for addresses and scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sent => "otp_sent",
            Self::SentAgain => "otp_sent_again",
            Self::NotACode => "otp_unreadable",
            Self::Wrong => "otp_wrong",
            Self::CodeExpired => "otp_expired",
            Self::NotResentTooSoon => "otp_too_soon",
            Self::NoMoreCodes => "otp_no_more",
            Self::Lost => "otp_lost",
        }
    }

    /// Reads its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.code() == code)
    }

    /// Whether it is about what was typed.
    pub(super) fn is_error(self) -> bool {
        matches!(self, Self::NotACode | Self::Wrong | Self::CodeExpired | Self::Lost)
    }

    pub(super) fn text(self, language: Language) -> String {
        text(language, self.code())
    }
}

/// How often a code can still be tried, as words.
pub(super) fn tries(language: Language, left: Option<u8>) -> Option<String> {
    left.map(|left| language.count("card-tries-left", u64::from(left)))
}

fn text(language: Language, code: &str) -> String {
    language.text(&format!("card-{}", code.replace('_', "-")))
}

//! Why the gateway itself says no, in the provider's codes (provider §3): with a minus in `approvalCode`, without in
//! `error.code`. Where the public list has only a meaning, the text is ours.

use super::super::approval::ApprovalCode;
use super::ErrorBody;

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $code:literal, $text:literal;)+) => {
        /// A rule of the gateway's own that was broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum GatewayCode {
            $($(#[$doc])+ $name,)+
        }

        impl GatewayCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its digits.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What it says.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// Something broke inside.
    Internal = "100", "Internal error";
    /// Not the number of a card.
    InvalidCardNumber = "2303", "Invalid credit card number";
    /// The card's time is over, or no time at all.
    InvalidExpiry = "2304", "The card is expired or its expiry date is invalid";
    /// No account takes such cards.
    BrandNotSupported = "5002", "brand not supported";
    /// There is such an order already.
    OrderExists = "5003", "The order already exists in the database.";
    /// There is nothing to take.
    NoPreAuth = "5004", "There is no authorized PreAuth in this order";
    /// The same again, too soon.
    Duplicate = "5005", "FRAUD - Duplicate lockout";
    /// What is to be voided is not there.
    VoidTargetNotFound = "5006", "The transaction to be voided does not exist";
    /// More is to be voided than there is.
    VoidAmountInvalid = "5007", "The amount of the void is invalid";
    /// Nothing is left to give back.
    NothingToReturn = "5009", "There is nothing to return in this order";
    /// Nothing is left to void.
    NothingToVoid = "5018", "There is nothing to void in this order";
    /// It is of a kind or age that cannot be voided.
    NotVoidable = "5019", "The transaction cannot be voided";
    /// It was taken in part or in whole.
    PreAuthCaptured = "5022", "The PreAuth cannot be voided while a PostAuth of it exists";
    /// The payer gave up.
    CancelledByUser = "5993", "Cancelled by user";
    /// The order is too old.
    OrderTooOld = "5995", "The order is too old";
    /// Another request is at it.
    OrderBusy = "5998", "Another transaction with the same order id is being processed";
    /// No more can be taken.
    NoMorePostAuth = "10422", "No further PostAuth is possible";
    /// It was taken already.
    PostAuthDone = "10501", "The PostAuth was already performed";
    /// The amount or currency is not the one that was agreed on.
    AmountOrCurrency = "10503", "Invalid amount or currency";
    /// A card or a token is kept already. The list has no code for that: this is the one of states.
    TokenExists = "50308", "The card or the token is stored already";
    /// The network was not reached.
    Communication = "30053", "Communication Error";
    /// A card's security code must be there.
    SecurityCodeMandatory = "12000", "Card security code is mandatory";
    /// The currency is not the order's.
    CurrencyDiffers = "22812", "The currency differs from that of the order";
    /// The payer did not prove to be the cardholder, or may try no more.
    RupayAuthentication = "28319", "RuPay authentication error";
    /// The payer has not yet proved anything.
    NotAuthenticated = "42755", "The transaction is not authenticated";
    /// What is referred to is not so far, or over.
    ReferenceState = "50305", "The referenced transaction is not in the correct state";
    /// No account takes that currency.
    CurrencyNotSetUp = "50653", "Sent invalid currency or no currencies were setup for this store";
    /// What is referred to is of another kind.
    ReferenceType = "50698", "The type of the referenced transaction is incompatible";
    /// What is referred to is not there.
    ReferenceNotFound = "50715", "The referenced transaction was not found";
}

impl GatewayCode {
    /// As `approvalCode` has it.
    pub fn approval_code(self) -> ApprovalCode {
        ApprovalCode::Declined { code: format!("-{}", self.code()), text: self.text().to_owned() }
    }

    /// As `error` has it.
    pub fn error(self) -> ErrorBody {
        ErrorBody::new(self.code(), self.text())
    }
}

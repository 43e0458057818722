//! EasyPay: a sealed request is registered for a code of ten digits, which the payer shows at a desk and
//! pays in cash. The notification is the same as for any invoice.

use form_urlencoded::Serializer;
use thiserror::Error;

use super::Sealed;
use super::lines;

const IDN_DIGITS: usize = 10;
/// Bytes; an answer is one line.
const ANSWER_BYTES_MAX: usize = 4096;

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EasyPayError {
    /// EasyPay refused the request, in its own words.
    #[error("EasyPay refused it: {0}")]
    Refused(String),
    /// Neither a code nor a refusal: nobody knows whether there is one.
    #[error("the answer is not readable")]
    Unreadable,
}

impl EasyPayError {
    /// A stable code for logs and machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "easypay_refused",
            Self::Unreadable => "easypay_unreadable",
        }
    }
}

/// Where a request is registered; `base` is ePay's address, such as `https://demo.epay.bg`.
pub fn register_url(base: &str, sealed: &Sealed) -> String {
    let base = base.trim_end_matches('/');
    let query = Serializer::new(String::new())
        .append_pair("ENCODED", &sealed.encoded)
        .append_pair("CHECKSUM", &sealed.checksum)
        .finish();
    format!("{base}/ezp/reg_bill.cgi?{query}")
}

/// The code of a registered request. Refusals come in Windows-1251.
pub fn read_answer(body: &[u8]) -> Result<String, EasyPayError> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(EasyPayError::Unreadable);
    }
    let text = lines::from_cp1251(body);
    let value = |name: &str| {
        let mut pairs = lines::of(&text).filter_map(lines::pair);
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    match (value("ERR"), value("IDN")) {
        (Some(why), None) => Err(EasyPayError::Refused(why)),
        (None, Some(idn)) if is_idn(&idn) => Ok(idn),
        _ => Err(EasyPayError::Unreadable),
    }
}

/// EasyPay's answer, in its encoding: a code, or why there is none.
pub fn write_answer(answer: Result<&str, &str>) -> Vec<u8> {
    match answer {
        Ok(idn) => lines::to_cp1251(&format!("IDN={idn}\n")),
        Err(why) => lines::to_cp1251(&format!("ERR={why}\n")),
    }
}

/// Whether a text is a code: ten digits.
pub fn is_idn(text: &str) -> bool {
    text.len() == IDN_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

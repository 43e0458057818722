//! Where it is asked (provider §2).

use http::Method;

use crate::Route;

static POST: [Method; 1] = [Method::POST];
static PAYMENT: [Method; 3] = [Method::GET, Method::POST, Method::PATCH];
static ORDER: [Method; 2] = [Method::GET, Method::POST];
static TOKEN: [Method; 2] = [Method::GET, Method::DELETE];

/// One path in all of its forms: under `/sandbox` too, and with a slash at the end, since a redirect would turn POST into GET.
macro_rules! routes {
    ($($path:literal => $methods:ident,)+) => {
        [$(
            Route { path: concat!("/ipp/payments-gateway/v2", $path), methods: &$methods },
            Route { path: concat!("/ipp/payments-gateway/v2", $path, "/"), methods: &$methods },
            Route { path: concat!("/sandbox/ipp/payments-gateway/v2", $path), methods: &$methods },
            Route { path: concat!("/sandbox/ipp/payments-gateway/v2", $path, "/"), methods: &$methods },
        )+]
    };
}

/// All of them.
pub(super) static ROUTES: [Route; 24] = routes! {
    "/payments" => POST,
    "/payments/{id}" => PAYMENT,
    "/orders/{id}" => ORDER,
    "/payment-tokens" => POST,
    "/payment-tokens/{id}" => TOKEN,
    "/card-information" => POST,
};

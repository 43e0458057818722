//! A brand as `torana brand create --json` prints it.

use serde_json::Value;

use super::cli;
use super::server::Launch;

/// See the module.
#[derive(Clone)]
pub struct Brand {
    pub id: String,
    pub printed: Value,
}

impl Brand {
    pub async fn create(launch: &Launch, name: &str, mode: &str) -> Self {
        let args = ["brand", "create", "--name", name, "--mode", mode, "--json"];
        let printed = cli::run(launch, &args).await.expect_ok().json();
        assert_eq!(printed["mode"], mode);
        Self { id: text(&printed, "/brand_id"), printed }
    }

    pub fn api_key(&self) -> String {
        text(&self.printed, "/rupantorpay/api_key")
    }

    pub fn device_email(&self) -> String {
        text(&self.printed, "/device/email")
    }

    pub fn device_key(&self) -> String {
        text(&self.printed, "/device/device_key")
    }

    pub fn sandbox_token(&self) -> String {
        text(&self.printed, "/sandbox/token")
    }

    /// Every secret that was printed.
    pub fn secrets(&self) -> Vec<String> {
        [
            "/rupantorpay/api_key",
            "/rumbapay/key",
            "/rumbapay/password",
            "/fiserv_ipg/api_key",
            "/fiserv_ipg/api_secret",
            "/fiserv_ipg/shared_secret",
            "/portpos/app_key",
            "/portpos/secret_key",
            "/device/device_key",
            "/sandbox/token",
        ]
        .map(|pointer| text(&self.printed, pointer))
        .to_vec()
    }
}

fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => panic!("no {pointer} in {value}"),
    }
}

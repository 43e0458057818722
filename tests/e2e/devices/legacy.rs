//! `/api/device-connect` and `/api/add-data`, as the existing app calls them.

use serde_json::json;

use crate::world::{Sms, World, send};

#[tokio::test]
async fn a_key_belongs_to_the_first_phone_that_shows_it() {
    let world = World::start().await;
    let phone = world.phone();
    let connected = json!({"status": "1", "message": world.brand.id});
    assert_eq!(phone.connect("android-1").await, connected);
    assert_eq!(phone.connect("android-1").await, connected, "the same phone may connect again");
    let other = phone.connect("android-2").await;
    assert_eq!(
        other,
        json!({"status": "3", "message": "Already connected with a different device"})
    );

    world.cli(&["device", "unbind", "--brand", &world.brand.id, "--device", "1"]).await.expect_ok();
    assert_eq!(phone.connect("android-2").await, connected);
}

#[tokio::test]
async fn a_wrong_key_or_address_does_not_connect() {
    let world = World::start().await;
    let failed = json!({"status": "0", "message": "Failed to connect with the server"});
    let mut phone = world.phone();
    phone.key.pop();
    assert_eq!(phone.connect("android-1").await, failed);
    let mut phone = world.phone();
    phone.email = "somebody@else.example".to_owned();
    assert_eq!(phone.connect("android-1").await, failed);
    assert_eq!(world.get("/api/device-connect").await.expect(200).json(), failed);
    let mut phone = world.phone();
    phone.email = phone.email.to_uppercase();
    assert_eq!(
        phone.connect("android-1").await["status"],
        "1",
        "the case of an address does not matter"
    );
}

#[tokio::test]
async fn a_revoked_key_is_told_so() {
    let world = World::start().await;
    let phone = world.phone();
    assert_eq!(phone.connect("android-1").await["status"], "1");
    world.cli(&["device", "revoke", "--brand", &world.brand.id, "--device", "1"]).await.expect_ok();
    let answer = phone.connect("android-1").await;
    assert_eq!(answer, json!({"status": "2", "message": "Your key is expired"}));
    let answer = phone.forward(&Sms::bkash(10)).await.json();
    assert_ne!(answer["status"], 1, "a message under a revoked key is not taken");
}

#[tokio::test]
async fn a_message_may_come_as_form_query_or_json() {
    let world = World::start().await;
    let phone = world.phone();
    let taken = json!({"status": 1, "message": "Data inserted successfully"});
    let url = world.url("/api/add-data");
    let mut paid = 0;
    for way in ["form", "query", "json", "newer app"] {
        let made = world.shop().create("25").await;
        let sms = Sms::bkash(25);
        let fields = phone.form(&[("address", &sms.sender), ("message", &sms.body)]);
        let form_kind = "application/x-www-form-urlencoded";
        let request = match way {
            "form" => world.http.post(&url).header("Content-Type", form_kind).body(fields),
            "query" => world.http.get(format!("{url}?{fields}")),
            "newer app" => {
                let fields = fields.replace("user_email=", "email=");
                world.http.post(&url).header("Content-Type", form_kind).body(fields)
            }
            _ => {
                let body = json!({
                    "user_email": phone.email, "device_key": phone.key,
                    "address": sms.sender, "message": sms.body,
                });
                let request = world.http.post(&url).header("Content-Type", "application/json");
                request.body(body.to_string())
            }
        };
        assert_eq!(send(request).await.expect(200).json(), taken, "{way}");
        let answer = world.payer(&made).confirm("bkash", &sms.reference).await.json();
        assert_eq!(answer["status"], "succeeded", "{way}");
        paid += 1;
    }
    assert_eq!(paid, 4);
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_shown() {
    let world = World::start().await;
    let phone = world.phone();
    for (sender, body) in [
        ("bKash", "Something entirely new about Tk 50.00 that was received, TrxID CK51234567"),
        (
            "+8801711000001",
            "You have received Tk 99.00 from 01711000001. TrxID CK51234567 at 05/11/2025 14:07",
        ),
        ("NAGAD", "\u{202e}\u{0}\u{1f600} line\r\nline"),
        ("x", &"y".repeat(10_000)),
    ] {
        phone.hears(&Sms::new(sender, body, "")).await;
    }
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await;
    let inbox = inbox.expect_ok().json();
    let messages = inbox["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 4, "{inbox}");
    let newest_first: Vec<&str> = messages.iter().map(|m| m["sender"].as_str().unwrap()).collect();
    assert_eq!(newest_first, ["x", "NAGAD", "+8801711000001", "bKash"]);
    assert_eq!(inbox["receipts"], json!([]), "none of them is money");
    let printed = world.cli(&["inbox", "list", "--brand", &world.brand.id]).await;
    assert!(printed.expect_ok().stdout.contains("Something entirely new"), "{}", printed.stdout);

    let number = messages[3]["message"].to_string();
    world
        .cli(&["inbox", "done", "--brand", &world.brand.id, "--message", &number])
        .await
        .expect_ok();
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn money_that_left_and_cashback_pay_nothing() {
    let world = World::start().await;
    let made = world.shop().create("50").await;
    for (reference, body) in [
        (
            "CK5OUT0001",
            "Send Money Tk 50.00 to 01711000001 successful. Fee Tk 5.00. Balance Tk 100.00. TrxID CK5OUT0001 at 05/11/2025 14:07",
        ),
        (
            "CK5BACK001",
            "Congratulations! You have received Cashback Tk 50.00. Balance Tk 150.00. TrxID CK5BACK001 at 05/11/2025 14:07",
        ),
    ] {
        world.phone().hears(&Sms::new("bKash", body, reference)).await;
        assert_eq!(world.payer(&made).confirm_code("bkash", reference).await, "not_found_yet");
    }
    assert_eq!(world.shop().state(&made).await, "PENDING");
}

#[tokio::test]
async fn a_message_without_its_fields_or_key_is_refused() {
    let world = World::start().await;
    let phone = world.phone();
    let sms = Sms::bkash(10);
    let answer = phone.forward(&Sms::new("", &sms.body, "")).await.json();
    assert_eq!(answer["status"], "0");
    let answer = phone.forward(&Sms::new("bKash", "", "")).await.json();
    assert_eq!(answer["status"], "0");
    let mut stranger = world.phone();
    stranger.key = "A".repeat(40);
    assert_eq!(stranger.forward(&sms).await.json()["status"], "0");
    let made = world.shop().create("10").await;
    assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, "not_found_yet");
}

#[tokio::test]
async fn a_message_for_one_brand_pays_nothing_of_another() {
    let world = World::start().await;
    let other = world.another_brand("test").await;
    let made = world.shop_of(&other).create("10").await;
    let sms = Sms::bkash(10);
    world.phone().hears(&sms).await;
    assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, "not_found_yet");
    world.phone_of(&other).hears(&sms).await;
    assert_eq!(world.payer(&made).state().await, "succeeded");
}

#[tokio::test]
async fn what_another_handset_sends_under_the_same_key_is_kept_and_not_believed() {
    let world = World::start().await;
    let phone = world.phone();
    phone.connect("android-1").await;
    let made = world.shop().create("10").await;
    let sms = Sms::bkash(10);
    let fields =
        [("address", sms.sender.as_str()), ("message", &sms.body), ("device_ip", "android-2")];
    let request = world.http.post(world.url("/api/add-data"));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body(phone.form(&fields))).await.expect(200);
    assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, "not_found_yet");
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox["messages"][0]["why"], "other_handset", "{inbox}");
}

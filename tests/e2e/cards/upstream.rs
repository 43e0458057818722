//! A brand whose cards go to another gateway that speaks IPG's API: here, to another brand of the same server.

use serde_json::Value;

use super::{
    CODE, Holder, REDIRECT, SEAMLESS, SECURITY_CODE, action, assert_nothing_is_left, post, world,
};
use crate::fiserv_ipg::IpgShop;
use crate::world::{World, send};

/// The brand's acquirer is the second brand's store.
async fn upstream() -> World {
    let world = world().await;
    let site = world.url("/ipp/payments-gateway/v2");
    upstream_at(world, &site).await
}

/// The same by another way to that server.
pub async fn upstream_at(world: World, site: &str) -> World {
    let acquirer = world.another_brand("test").await;
    let keys = &acquirer.printed["fiserv_ipg"];
    let of = |name: &str| keys[name].as_str().unwrap().to_owned();
    let (store, key) = (of("store_id"), of("api_key"));
    let add = [
        "card",
        "add",
        "--brand",
        &world.brand.id,
        "--site",
        site,
        "--store-id",
        &store,
        "--api-key",
        &key,
    ];
    world.cli_reading(&add, &of("api_secret")).await.expect_ok();
    // A key that nobody has makes the server look at what changed.
    let stranger = world.http.get(format!("{site}/orders/none")).header("Api-Key", "nobody");
    send(stranger).await.expect(401);
    world
}

#[tokio::test]
async fn payers_pay_over_an_acquirers_gateway_by_code_and_by_page() {
    let world = upstream().await;
    let made = world.shop().create("123.50").await;
    let holder = Holder { world: &world, made: &made };
    let asked = holder.types(SEAMLESS).await;
    assert!(asked.location().contains("/card/code"), "{}", asked.location());
    let wrong = holder.types_code("654321").await;
    assert!(wrong.location().ends_with("code=otp_wrong"), "{}", wrong.location());
    let again = holder.post("card/resend", &[]).await;
    assert!(again.location().ends_with("code=otp_sent_again"), "{}", again.location());
    holder.types_code(CODE).await;
    assert_eq!(world.shop().state(&made).await, "COMPLETED");

    let made = world.shop().create("567").await;
    let holder = Holder { world: &world, made: &made };
    let acs = action(&holder.types(REDIRECT).await.expect(200).body);
    assert!(acs.contains("/connect/gateway/processing"), "{acs}");
    let issuer = action(&post(&world, &acs, &[]).await.expect(200).body);
    let right = post(&world, &issuer, &[("action", "code"), ("code", CODE)]).await.expect(200);
    // From the issuer to the acquirer, from there by its form to us, and on to the sale.
    let theirs = post(&world, &action(&right.body), &[]).await.expect(200);
    let ours = post(&world, &action(&theirs.body), &[("status", "APPROVED")]).await;
    send(world.http.get(world.url(&ours.location()))).await;
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    assert_nothing_is_left(&world, &[SEAMLESS, REDIRECT, SECURITY_CODE, CODE]);
    world.check_books().await;
}

#[tokio::test]
async fn what_follows_and_what_is_refused_comes_through() {
    let world = upstream().await;
    let shop = IpgShop::of(&world);
    let sold = shop.sold("50").await;
    for (total, status) in [("20", 200), ("40", 409), ("30", 200)] {
        assert_eq!(shop.follow(&sold, "ReturnTransaction", total).await.status, status, "{total}");
    }
    let begun = shop.begin(&shop.auth_of("6071480005510008", "10")).await;
    shop.patch(&begun, &shop.otp("6071480005510008", "verifyOtp", CODE)).await.expect(200);
    let refused = shop.post("/payments", &shop.sale(&begun, "10")).await.expect(422).json();
    assert_eq!(refused["processor"]["responseCode"], "51", "{refused}");
    let begun = shop.proved("70").await;
    let mut preauth = shop.sale(&begun, "70");
    preauth["requestType"] = "PaymentCardPreAuthTransaction".into();
    let reserved = shop.post("/payments", &preauth).await.expect(200).json();
    let captured = shop.follow(&reserved, "PostAuthTransaction", "60").await.expect(200).json();
    assert_eq!(captured["transactionStatus"], "APPROVED", "{captured}");
    let void = serde_json::json!({ "requestType": "VoidTransaction" });
    let sold = shop.sold("5").await;
    let path = format!("/payments/{}", sold["ipgTransactionId"].as_str().unwrap());
    let undone: Value = shop.post(&path, &void).await.expect(200).json();
    assert_eq!(undone["transactionType"], "VOID");
    world.check_books().await;
}

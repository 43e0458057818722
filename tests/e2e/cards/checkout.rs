//! Payers who pay another API's payment by card, on our own pages.

use super::{
    CODE, Holder, REDIRECT, SEAMLESS, SECURITY_CODE, action, assert_nothing_is_left, post, world,
};
use crate::world::send;

#[tokio::test]
async fn a_code_on_our_page_pays() {
    let world = world().await;
    let made = world.shop().create("123.50").await;
    let holder = Holder { world: &world, made: &made };
    let page = holder.get("card").await.expect(200).body;
    for found in ["cc-number", "cc-exp", "cc-csc", "RuPay"] {
        assert!(page.contains(found), "no {found}");
    }
    let asked = holder.types(SEAMLESS).await;
    assert!(asked.location().contains("/card/code"), "{}", asked.location());
    let page = holder.get("card/code").await.expect(200).body;
    assert!(page.contains("one-time-code") && page.contains("3212"));
    let wrong = holder.types_code("654321").await;
    assert!(wrong.location().ends_with("code=otp_wrong"), "{}", wrong.location());
    let again = holder.post("card/resend", &[]).await;
    assert!(again.location().ends_with("code=otp_sent_again"), "{}", again.location());
    let paid = holder.types_code(CODE).await;
    assert!(paid.location().ends_with(&made.id), "{}", paid.location());
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    let told = world.merchant.wait("/webhook", 1).await;
    assert!(!told.is_empty());
    assert_nothing_is_left(&world, &[SEAMLESS, SECURITY_CODE, CODE, "654321"]);
    world.check_books().await;
}

#[tokio::test]
async fn a_page_of_the_issuer_pays() {
    let world = world().await;
    let made = world.shop().create("567").await;
    let holder = Holder { world: &world, made: &made };
    let sent = holder.types(REDIRECT).await.expect(200);
    let issuer = action(&sent.body);
    assert!(issuer.contains("/sandbox/acs/"), "{issuer}");
    assert!(sent.header("content-security-policy").contains("form-action http://127.0.0.1"));
    let page = post(&world, &issuer, &[]).await.expect(200).body;
    assert!(page.contains("4938") && !page.contains(REDIRECT));
    let wrong = post(&world, &issuer, &[("action", "code"), ("code", "000000")]).await;
    assert!(wrong.expect(200).body.contains("2"), "tries are told");
    let right = post(&world, &issuer, &[("action", "code"), ("code", CODE)]).await.expect(200);
    let back = post(&world, &action(&right.body), &[]).await;
    let on = send(world.http.get(world.url(&back.location()))).await;
    assert!(on.location().ends_with(&made.id), "{}", on.location());
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    assert_nothing_is_left(&world, &[REDIRECT, SECURITY_CODE, CODE]);
    world.check_books().await;
}

#[tokio::test]
async fn a_refused_card_leaves_the_payment_to_another() {
    let world = world().await;
    let made = world.shop().create("10").await;
    let holder = Holder { world: &world, made: &made };
    holder.types("6071480005510008").await;
    let refused = holder.types_code(CODE).await;
    assert!(refused.location().contains("code=declined_later_or_less"), "{}", refused.location());
    assert_eq!(world.shop().state(&made).await, "PENDING");
    holder.types(SEAMLESS).await;
    holder.types_code(CODE).await;
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    world.check_books().await;
}

#[tokio::test]
async fn a_silence_is_unknown_until_the_network_says() {
    let world = world().await;
    for (card, state) in [("6071480009050001", "COMPLETED"), ("6071480009060000", "PENDING")] {
        let made = world.shop().create("10").await;
        let holder = Holder { world: &world, made: &made };
        holder.types(card).await;
        holder.types_code(CODE).await;
        assert_eq!(world.payer(&made).state().await, "unknown");
        // Nobody pays twice meanwhile, and the payment does not expire.
        let again = holder.types(SEAMLESS).await;
        assert!(again.location().ends_with(&made.id));
        world.sandbox().advance(120).await;
        assert_eq!(world.shop().state(&made).await, state, "{card}");
        assert_nothing_is_left(&world, &[card, SECURITY_CODE, CODE]);
    }
    world.check_books().await;
}

#[tokio::test]
async fn wrong_codes_lock_and_then_rest_the_card() {
    let world = world().await;
    for round in 0..2 {
        let made = world.shop().create("10").await;
        let holder = Holder { world: &world, made: &made };
        holder.types(SEAMLESS).await;
        for n in 0..3 {
            let wrong = holder.types_code(&format!("99990{n}")).await;
            let is_last = n == 2;
            let expected = if is_last { "code=authentication_failed" } else { "code=otp_wrong" };
            assert!(wrong.location().contains(expected), "{round} {n}: {}", wrong.location());
        }
        assert_eq!(world.shop().state(&made).await, "PENDING");
    }
    let made = world.shop().create("10").await;
    let holder = Holder { world: &world, made: &made };
    let rests = holder.types(SEAMLESS).await;
    assert!(rests.location().contains("code=rests"), "{}", rests.location());
    world.sandbox().advance(24 * 60 * 60).await;
    let made = world.shop().create("10").await;
    let asked = Holder { world: &world, made: &made }.types(SEAMLESS).await;
    assert!(asked.location().contains("/card/code"), "{}", asked.location());
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_not_given_back() {
    let world = world().await;
    let made = world.shop().create("10").await;
    let holder = Holder { world: &world, made: &made };
    let form = [("number", "6074820000084939"), ("expiry", "12/20"), ("security_code", "9071x")];
    let page = holder.post("card", &form).await.expect(422).body;
    assert!(!page.contains("6074820000084939") && !page.contains("9071"));
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 3, "{page}");
    let visa = holder.types("4111111111111111").await.expect(422);
    assert!(!visa.body.contains("4111111111111111"));
}

#[tokio::test]
async fn the_sandbox_pays_by_card_and_refunds_go_back_by_themselves() {
    let world = world().await;
    let simulate = |id: String, outcome: &'static str| {
        let sandbox = world.sandbox();
        async move {
            let asked = serde_json::json!({"payment": id, "outcome": outcome, "method": "card"});
            sandbox.post("/sandbox/simulate", &asked).await.expect(200).json()
        }
    };
    let made = world.shop().create("50").await;
    assert_eq!(simulate(made.id.clone(), "decline").await["state"], "pending");
    assert_eq!(simulate(made.id.clone(), "succeed").await["state"], "succeeded");
    let asked = serde_json::json!({"payment": made.id, "outcome": "refund", "amount": "20"});
    let back = world.sandbox().post("/sandbox/simulate", &asked).await.expect(200).json();
    assert_eq!(back["state"], "partially_refunded");
    let silent = world.shop().create("50").await;
    assert_eq!(simulate(silent.id.clone(), "pending").await["state"], "unknown");
    world.check_books().await;
}

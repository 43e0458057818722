//! `GET|POST /sandbox/wallet/{id}`: test mode's wallet, played by hand.

use crate::world::{Made, World, send};

async fn play(world: &World, made: &Made, method: &str, amount: &str, outcome: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("method", method)
        .append_pair("amount", amount)
        .append_pair("outcome", outcome);
    let request = world.http.post(world.url(&format!("/sandbox/wallet/{}?lang=en", made.id)));
    let request = request.header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body(form.finish())).await.expect(200).body
}

/// The TrxID that the wallet shows to the payer.
fn shown_reference(page: &str) -> String {
    let (_, after) =
        page.split_once("data-copy=\"").unwrap_or_else(|| panic!("no TrxID in {page}"));
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn money_sent_by_hand_pays_once_its_trxid_is_typed() {
    let world = World::start().await;
    for method in ["bkash", "nagad", "rocket", "upay"] {
        let made = world.shop().create("75").await;
        let page = play(&world, &made, method, "75", "succeed").await;
        assert_eq!(world.shop().state(&made).await, "PENDING");
        let answer =
            world.payer(&made).confirm(method, &shown_reference(&page)).await.expect(200).json();
        assert_eq!(answer["status"], "succeeded", "{method}");
        assert_eq!(world.shop().verify(&made).await["payment_method"], method);
    }
}

#[tokio::test]
async fn less_money_does_not_pay_and_a_lost_message_waits() {
    let world = World::start().await;
    let made = world.shop().create("75").await;
    let page = play(&world, &made, "bkash", "75", "short").await;
    assert_eq!(
        world.payer(&made).confirm_code("bkash", &shown_reference(&page)).await,
        "amount_short"
    );
    let page = play(&world, &made, "bkash", "75", "no_sms").await;
    assert_eq!(
        world.payer(&made).confirm_code("bkash", &shown_reference(&page)).await,
        "not_found_yet"
    );
    play(&world, &made, "bkash", "75", "decline").await;
    assert_eq!(world.shop().state(&made).await, "ERROR");
}

#[tokio::test]
async fn there_is_no_such_wallet_in_live_mode() {
    let world = World::builder().live().wallet("bkash", "01711000009").start().await;
    let made = world.shop().create("75").await;
    let path = format!("/sandbox/wallet/{}", made.id);
    assert_eq!(world.get(&path).await.status, 404);
    let request = world.http.post(world.url(&path)).body("method=bkash&amount=75&outcome=succeed");
    assert_eq!(send(request).await.status, 404);
}

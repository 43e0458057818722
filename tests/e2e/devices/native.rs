//! `/device/v1/…`: pairing, signed batches, acknowledgement.

use serde_json::json;

use crate::world::{NativePhone, Sms, World};

#[tokio::test]
async fn a_paired_phone_pays_with_a_signed_batch() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    assert_eq!(phone.next_seq, 1);
    let made = world.shop().create("40").await;
    let sms = Sms::nagad(40);
    world.payer(&made).confirm("nagad", &sms.reference).await.expect(202);
    assert_eq!(phone.forward(&[(1, &sms)]).await, (1, vec![]));
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
}

#[tokio::test]
async fn a_code_pairs_once() {
    let world = World::start().await;
    let code = NativePhone::pairing_code(&world).await;
    NativePhone::pair_with(&world, &code).await.expect(200);
    for code in [code.as_str(), "", "wrong"] {
        let answer = NativePhone::pair_with(&world, code).await.expect(403).json();
        assert_eq!(answer["error"]["code"], "unknown_code");
    }
}

#[tokio::test]
async fn gaps_are_asked_for_again_and_nothing_beyond_them_is_acknowledged() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    let messages: Vec<Sms> = (0..7).map(|_| Sms::bkash(10)).collect();
    let at = |seq: i64| (seq, &messages[usize::try_from(seq - 1).unwrap()]);
    assert_eq!(phone.forward(&[at(1), at(2)]).await, (2, vec![]));
    let (through, missing) = phone.forward(&[at(4), at(7)]).await;
    assert_eq!((through, missing), (2, vec![json!([3, 3]), json!([5, 6])]));
    assert_eq!(phone.forward(&[at(3)]).await, (4, vec![json!([5, 6])]));
    assert_eq!(phone.forward(&[at(6), at(5)]).await, (7, vec![]));
}

#[tokio::test]
async fn repeats_change_nothing() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    let made = world.shop().create("40").await;
    let sms = Sms::bkash(40);
    for _ in 0..3 {
        assert_eq!(phone.forward(&[(1, &sms), (1, &sms)]).await, (1, vec![]));
    }
    world.payer(&made).confirm("bkash", &sms.reference).await.expect(200);
    assert_eq!(phone.forward(&[(1, &sms)]).await, (1, vec![]));
    let second = world.shop().create("40").await;
    assert_eq!(world.payer(&second).confirm_code("bkash", &sms.reference).await, "already_used");
    world.check_books().await;
}

#[tokio::test]
async fn only_the_secret_signs() {
    let world = World::start().await;
    let mut phone = world.paired_phone().await;
    let path = "/device/v1/heartbeat";
    let body = "{\"battery\":80}";
    let now = jiff::Timestamp::now().as_second();
    let good = phone.signature(now, path, body);
    phone.post_signed(path, body, now, &good).await.expect(200);
    phone.post_signed(path, body, now, &good.to_uppercase()).await.expect(200);
    for (path, body, at, signature) in [
        (path, body, now, ""),
        (path, body, now, "00"),
        (path, "{\"battery\":81}", now, good.as_str()),
        ("/device/v1/messages", body, now, good.as_str()),
        (path, body, now + 1, good.as_str()),
    ] {
        let answer = phone.post_signed(path, body, at, signature).await.expect(401).json();
        assert_eq!(answer["error"]["code"], "unauthenticated");
    }
    let old = now - 301;
    let signature = phone.signature(old, path, body);
    phone.post_signed(path, body, old, &signature).await.expect(401);
    for device in ["1.1", "1.99", "99.1", "x", ""] {
        device.clone_into(&mut phone.device);
        phone.post_signed(path, body, now, &good).await.expect(401);
    }
}

#[tokio::test]
async fn a_phone_is_no_other_brands_phone() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    let other = world.another_brand("test").await;
    let made = world.shop_of(&other).create("40").await;
    let sms = Sms::bkash(40);
    phone.forward(&[(1, &sms)]).await;
    assert_eq!(world.payer(&made).confirm_code("bkash", &sms.reference).await, "not_found_yet");
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    let path = "/device/v1/messages";
    for body in [json!([]), json!({}), json!({"messages": [{"seq": "1"}]}), json!({"messages": 1})]
    {
        let answer = phone.post(path, &body).await.expect(400).json();
        assert_eq!(answer["error"]["code"], "malformed");
    }
    let sms = Sms::bkash(40);
    let answer = phone.post(path, &crate::world::batch(&[(1, &sms), (0, &sms)])).await.expect(400);
    assert_eq!(answer.json()["error"]["code"], "malformed");
    let many: Vec<(i64, &Sms)> = (1..=201).map(|seq| (seq, &sms)).collect();
    phone.post(path, &crate::world::batch(&many)).await.expect(413);
    assert_eq!(phone.forward(&[]).await, (0, vec![]), "nothing of them was kept");
}

#[tokio::test]
async fn a_heartbeat_says_what_is_missing_and_shows_the_battery() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    phone.forward(&[(2, &Sms::bkash(40))]).await;
    let answer =
        phone.post("/device/v1/heartbeat", &json!({"battery": 37})).await.expect(200).json();
    assert_eq!(answer, json!({"acknowledged_through": 0, "missing": [[1, 1]]}));
    let list = world.cli(&["device", "list", "--brand", &world.brand.id]).await;
    assert!(list.expect_ok().stdout.contains("37 %"), "{}", list.stdout);
}

#[tokio::test]
async fn a_revoked_phone_is_heard_no_more() {
    let world = World::start().await;
    let phone = world.paired_phone().await;
    let (_, device) = phone.device.split_once('.').unwrap();
    world
        .cli(&["device", "revoke", "--brand", &world.brand.id, "--device", device])
        .await
        .expect_ok();
    phone.post("/device/v1/heartbeat", &json!({})).await.expect(401);
}

//! ePay.bg tells what became of an invoice.

use super::{checksum, encode, invoice};
use crate::rumbapay::shop::RumbapayShop;
use crate::world::{Answer, Made, World, send, until};

const SECRET: &str = "ALNUM64SECRETALNUM64SECRETALNUM64SECRETALNUM64SECRETALNUM64SECRE";
const MIN: &str = "D123456789";

/// A brand in euro with a client number at ePay.bg, and where ePay.bg tells.
async fn world() -> (World, String) {
    let world = World::builder().setting("policy.currency", "EUR").start().await;
    let args = ["epay", "add", "--brand", &world.brand.id, "--min", MIN, "--site", "demo"];
    let printed = world.cli_reading(&args, SECRET).await;
    let (_, path) = printed.expect_ok().stdout.trim().split_once("/rails/").unwrap();
    let url = world.url(&format!("/rails/{path}"));
    // The server notices what another process changed within a second or so.
    until("the account is known", || async {
        let answer = notify(&world, &url, "INVOICE=1:STATUS=PAID\n", SECRET).await;
        (answer.status == 200).then_some(())
    })
    .await;
    (world, url)
}

async fn notify(world: &World, url: &str, lines: &str, secret: &str) -> Answer {
    let encoded = encode(lines);
    let checksum = checksum(&encoded, secret);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("encoded", &encoded)
        .append_pair("checksum", &checksum)
        .finish();
    let request = world.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
    send(request.body(form)).await
}

fn paid(invoice: &str) -> String {
    format!("INVOICE={invoice}:STATUS=PAID:PAY_TIME=20261125120000:STAN=080837:BCODE=080837\n")
}

#[tokio::test]
async fn what_is_paid_there_is_paid_here_once() {
    let (world, url) = world().await;
    let made = world.shop().create("25.01").await;
    let lines = paid(&invoice(&made));
    let expected = format!("INVOICE={}:STATUS=OK", invoice(&made));
    for _ in 0..3 {
        let answer = notify(&world, &url, &lines, SECRET).await.expect(200);
        assert_eq!(answer.body.trim_end(), expected, "the first answer is repeated");
    }
    let verified = world.shop().verify(&made).await;
    assert_eq!((&verified["status"], &verified["currency"]), (&"COMPLETED".into(), &"EUR".into()));
    assert_eq!(world.merchant.wait("/webhook", 1).await.len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn denied_and_expired_end_the_payment_and_money_after_all_pays_it() {
    let (world, url) = world().await;
    let (denied, expired) = (world.shop().create("25").await, world.shop().create("26").await);
    let lines = format!(
        "INVOICE={}:STATUS=DENIED\nINVOICE={}:STATUS=EXPIRED\nINVOICE=77:STATUS=PAID\n",
        invoice(&denied),
        invoice(&expired)
    );
    let answer = notify(&world, &url, &lines, SECRET).await.expect(200).body;
    assert!(answer.contains("INVOICE=77:STATUS=NO"), "{answer}");
    assert_eq!(world.payer(&denied).state().await, "declined");
    assert_eq!(world.payer(&expired).state().await, "expired");
    notify(&world, &url, &paid(&invoice(&denied)), SECRET).await.expect(200);
    assert_eq!(world.shop().state(&denied).await, "COMPLETED", "late");
    // Said again, an old word changes nothing.
    notify(&world, &url, &lines, SECRET).await.expect(200);
    assert_eq!(world.shop().state(&denied).await, "COMPLETED");
    world.check_books().await;
}

#[tokio::test]
async fn lines_in_any_order_and_case_are_read_and_each_is_answered() {
    let (world, url) = world().await;
    let (one, two) = (world.shop().create("25").await, world.shop().create("26").await);
    let (first, second) = (invoice(&one), invoice(&two));
    let lines = format!(
        "\r\nstatus=paid:invoice={first}\r\nINVOICE={second}:STATUS=PAID:BCODE=0A1b2C:STAN=000000:PAY_TIME=20261125120000\r\n\
         INVOICE={first}:STATUS=WHATEVER\nnonsense\n"
    );
    let answer = notify(&world, &url, &lines, SECRET).await.expect(200).body;
    let expected = format!(
        "INVOICE={first}:STATUS=OK\nINVOICE={second}:STATUS=OK\nINVOICE={first}:STATUS=ERR\n"
    );
    assert_eq!(answer, expected);
    for made in [&one, &two] {
        assert_eq!(world.shop().state(made).await, "COMPLETED");
    }
    world.check_books().await;
}

#[tokio::test]
async fn a_payment_of_another_currency_is_none_of_its_invoices() {
    let (world, url) = world().await;
    let shop = RumbapayShop::of(&world);
    let made = shop.create(&shop.h2h("1", "200")).await;
    let simulated = world.sandbox().simulate("1", "pending").await;
    let rupees = Made {
        id: simulated["payment"].as_str().unwrap().to_owned(),
        ..world.shop().create("1").await
    };
    let answer = notify(&world, &url, &paid(&invoice(&rupees)), SECRET).await.expect(200).body;
    assert_eq!(answer, format!("INVOICE={}:STATUS=NO\n", invoice(&rupees)));
    assert_eq!(shop.state(made["request_id"].as_str().unwrap()).await, "pending");
    world.check_books().await;
}

#[tokio::test]
async fn money_at_a_second_client_number_is_seen_too() {
    let (world, url) = world().await;
    let args = ["epay", "add", "--brand", &world.brand.id, "--min", "D55", "--site", "demo"];
    let printed = world.cli_reading(&args, SECRET).await;
    let (_, path) = printed.expect_ok().stdout.trim().split_once("/rails/").unwrap();
    let second = world.url(&format!("/rails/{path}"));
    until("the account is known", || async {
        let answer = notify(&world, &second, "INVOICE=1:STATUS=PAID\n", SECRET).await;
        (answer.status == 200).then_some(())
    })
    .await;
    let made = world.shop().create("25.01").await;
    for url in [&url, &second] {
        notify(&world, url, &paid(&invoice(&made)), SECRET).await.expect(200);
    }
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id]).await;
    assert!(inbox.expect_ok().stdout.contains(&format!("{}-9", invoice(&made))), "{inbox:?}");
    // The same number again is no second account: its secret is replaced.
    let again = world.cli_reading(&args, "a new secret word").await;
    assert!(again.expect_ok().stdout.contains("account 9"), "{again:?}");
    world.check_books().await;
}

#[tokio::test]
async fn a_line_that_nobody_understands_is_not_taken() {
    let (world, url) = world().await;
    let answer = notify(&world, &url, "hello\n", SECRET).await.expect(400);
    assert!(answer.body.starts_with("ERR="), "{answer:?}");
    notify(&world, &url, "hello\n", SECRET).await.expect(400);
    let unknown = "INVOICE=77:STATUS=PAID:PAY_TIME=20261125120000:STAN=080837:BCODE=0A1B2C\n";
    for _ in 0..2 {
        notify(&world, &url, unknown, SECRET).await.expect(200);
    }
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    let kept: Vec<_> =
        inbox["messages"].as_array().unwrap().iter().map(|it| (&it["body"], &it["why"])).collect();
    let of = |body: &str| kept.iter().filter(|(it, _)| it.as_str() == Some(body)).count();
    assert_eq!((of("hello"), of(unknown.trim_end())), (1, 1), "{kept:?}");
    send(world.http.post(world.url("/rails/epay/abc/1")).body("")).await.expect(404);
}

#[tokio::test]
async fn who_does_not_know_the_secret_says_nothing() {
    let (world, url) = world().await;
    let made = world.shop().create("25").await;
    let answer = notify(&world, &url, &paid(&invoice(&made)), "another secret").await;
    assert!(answer.body.starts_with("ERR="), "{answer:?}");
    for body in ["", "encoded=x", "encoded=%00&checksum=%ff", "encoded=AAAA&checksum=00"] {
        let answer = send(world.http.post(&url).body(body)).await;
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    send(world.http.post(world.url("/rails/epay/1/1")).body("")).await.expect(404);
    assert_eq!(world.shop().state(&made).await, "PENDING");
    world.check_books().await;
}

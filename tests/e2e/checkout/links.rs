//! Links that are unknown, wrong or used, and other paths that nothing serves.

use crate::world::{World, send};

#[tokio::test]
async fn a_link_to_nothing_gives_a_page_that_says_so() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let mut forged = made.id.clone();
    let last = forged.pop().unwrap();
    forged.push(if last == '0' { '1' } else { '0' });
    for id in
        [&"0".repeat(32), &"f".repeat(32), "x", "..%2f..%2fetc", &made.id.to_uppercase(), &forged]
    {
        for path in [format!("/checkout/{id}"), format!("/api/execute/{id}")] {
            let request = world.http.get(world.url(&path)).header("Accept", "text/html");
            let page = send(request.header("Accept-Language", "en")).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.body.contains("Payment not found"), "{path}: {}", page.body);
        }
        let return_path = world.get(&format!("/checkout/{id}/return")).await;
        assert_eq!(return_path.status, 404);
    }
}

#[tokio::test]
async fn a_used_link_shows_how_it_ended() {
    let world = World::start().await;
    for (outcome, text) in [
        ("succeed", "Payment received"),
        ("cancel", "Payment cancelled"),
        ("decline", "Payment declined"),
        ("expire", "Time has run out"),
    ] {
        let made = world.shop().create("10").await;
        world.sandbox().simulate(&made.id, outcome).await;
        for path in [format!("/checkout/{}", made.id), format!("/api/execute/{}", made.id)] {
            let request = world.http.get(world.url(&path)).header("Accept-Language", "en");
            let page = send(request).await.expect(200).body;
            assert!(page.contains(text), "{outcome}: {page}");
            assert!(
                !page.contains("name=\"reference\"") || outcome == "expire",
                "{outcome} offers to pay"
            );
        }
    }
}

#[tokio::test]
async fn a_path_that_nothing_serves_is_a_page_for_people_and_json_for_programs() {
    let world = World::start().await;
    for path in [
        "/nothing",
        "/api/payment/nothing",
        "//evil.example/",
        "/checkout",
        "/%00",
        "/assets/x.css",
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        let request = world.http.get(world.url(path)).header("Accept", "text/html");
        let page = send(request).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(
            !page.body.contains("href=\"//"),
            "{path} would lead to another host: {}",
            page.body
        );
    }
    assert_eq!(world.get("/nothing").await.json()["error"]["code"], "not_found");
}

#[tokio::test]
async fn guessing_links_is_slowed_down() {
    let world = World::builder().env("TORANA_RATE_LIMITS_MISSES_PER_MINUTE", "10").start().await;
    let made = world.shop().create("10").await;
    let mut limited = None;
    for guess in 0..20 {
        let answer = world.get(&format!("/checkout/{guess:032x}")).await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
        assert_eq!(answer.status, 404);
    }
    let limited = limited.expect("20 guesses against a limit of 10");
    assert!(limited.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    assert_eq!(world.payer(&made).page().await.status, 200, "who has a link is not in the way");
}

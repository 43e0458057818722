//! The payer's side: the provider's own links.

use serde_json::json;

use super::PortPosShop;
use crate::world::{World, send};

#[tokio::test]
async fn every_link_of_the_provider_shows_the_page() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let invoice = shop.create(json!(120)).await;
    let small = invoice.to_lowercase();
    for path in [
        format!("/payment/?invoice={invoice}"),
        format!("/payment?invoice={invoice}"),
        format!("/payment/{invoice}"),
        format!("/payment/?invoice={small}&lang=en"),
    ] {
        let page = world.get(&path).await.expect(200);
        assert!(page.body.contains("120.00") && page.body.contains(&invoice), "{path}");
        let posted = send(world.http.post(world.url(&path)).body("")).await.location();
        assert!(posted.starts_with("/checkout/"), "{posted}");
        world.get(&posted).await.expect(200);
    }
    for path in
        ["/payment/", "/payment/?invoice=", "/payment/?invoice=85E78E8316B89073", "/payment/x"]
    {
        let request = world.http.get(world.url(path)).header("Accept", "text/html");
        send(request).await.expect(404);
    }
}

#[tokio::test]
async fn a_link_shows_its_own_brands_invoice() {
    let world = World::start().await;
    let (shop, other) = (PortPosShop::of(&world), world.another_brand("test").await);
    let theirs = PortPosShop::of_brand(&world, &other);
    let (ours, their) = (shop.create(json!(60)).await, theirs.create(json!(60)).await);
    let page = |invoice: String| {
        let path = format!("/payment/?invoice={invoice}");
        let world = &world;
        async move { world.get(&path).await.expect(200).body }
    };
    assert!(page(ours).await.contains("Tea House"));
    assert!(page(their).await.contains("Book House"), "a brand that was made after the start");
}

#[tokio::test]
async fn many_invoices_in_one_moment_have_ids_of_their_own() {
    let world = World::start().await;
    let shop = PortPosShop::of(&world);
    let made = (0..200).map(|_| shop.create(json!(60)));
    let mut ids = futures_util::future::join_all(made).await;
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
}

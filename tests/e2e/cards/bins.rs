//! Whose a card is, as the operator says.

use super::{Holder, SEAMLESS};
use crate::world::World;

#[tokio::test]
async fn an_operators_file_says_whose_cards_are_whose() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let said = r#"{"ranges": [{"from": "607148", "brand": "discover"}]}"#;
    std::fs::write(file.path(), said).unwrap();
    let path = file.path().to_str().unwrap();
    let builder = World::builder().setting("policy.currency", "INR");
    let world = builder.env("TORANA_CARDS_BINS_FILE", path).start().await;
    let made = world.shop().create("10").await;
    let refused = Holder { world: &world, made: &made }.types(SEAMLESS).await.expect(422);
    assert!(refused.body.contains("aria-invalid"), "Discover is not taken");
    let made = world.shop().create("10").await;
    Holder { world: &world, made: &made }.types(super::REDIRECT).await.expect(200);
}

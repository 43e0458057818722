//! Copies of all data: backup and restore, and the move to another database and back.

use serde_json::Value;
use torana_store::conformance::scratch::Scratch;

use crate::world::{Launch, Made, Printed, Server, World, cli, http_client, on_postgres};

/// A brand with money in every state that a ledger knows.
async fn busy_world() -> World {
    let world = World::start().await;
    let shop = world.shop();
    for outcome in ["succeed", "short", "expire", "cancel", "late", "excess", "succeed"] {
        let made = shop.create("250.50").await;
        world.sandbox().simulate(&made.id, outcome).await;
    }
    shop.create("10").await;
    world.merchant.wait("/webhook", 2).await;
    world
}

async fn hash(world: &World) -> String {
    text(&world.cli(&["ledger", "check", "--json"]).await, "hash")
}

#[track_caller]
fn text(printed: &Printed, field: &str) -> String {
    let json: Value = printed.expect_ok().json();
    json[field].as_str().unwrap().to_owned()
}

/// The same brand's shop finds its payments on another server.
async fn expect_same(world: &World, launch: &Launch, payment: &Made) {
    let server = Server::start(launch).await;
    let brand = &world.brand;
    let shop =
        crate::world::Shop::new(&server.base, &http_client(), &brand.api_key(), &world.merchant);
    let verified = shop.verify(payment).await;
    assert_eq!(verified["status"], "COMPLETED", "{verified}");
    shop.create("10").await;
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_restored_with_the_same_books() {
    if on_postgres() {
        return; // See `postgres_is_backed_up_by_its_own_tools`.
    }
    let world = busy_world().await;
    let paid = world.shop().create("10").await;
    world.sandbox().simulate(&paid.id, "succeed").await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.sqlite");
    let file = file.to_str().unwrap();
    let made = world.cli(&["backup", "--to", file, "--json"]).await;
    let hash = hash(&world).await;
    assert_eq!(text(&made, "hash"), hash);
    let again = world.cli(&["backup", "--to", file]).await;
    assert!(!again.ok && again.stderr.contains("exists already"), "{}", again.stderr);
    // What comes after the backup is not in it.
    let later = world.shop().create("10").await;
    world.sandbox().simulate(&later.id, "succeed").await;

    let mut launch = Launch::new(dir.path().join("fresh"), vec![]);
    let restored = cli::run(&launch, &["restore", "--from", file, "--json"]).await;
    assert_eq!(text(&restored, "hash"), hash);
    let again = cli::run(&launch, &["restore", "--from", file]).await;
    assert!(!again.ok && again.stderr.contains("exists already"), "{}", again.stderr);
    let without_key = cli::run(&launch, &["brand", "list"]).await;
    assert!(!without_key.ok && without_key.stderr.contains("master key"), "{}", without_key.stderr);
    launch.env.push(("TORANA_MASTER_KEY".into(), "ab".repeat(32)));
    let wrong_key = cli::run(&launch, &["brand", "list"]).await;
    assert!(
        !wrong_key.ok && wrong_key.stderr.contains("not the master key"),
        "{}",
        wrong_key.stderr
    );
    launch.env.pop();
    std::fs::copy(world.data_dir().join("master.key"), launch.data_dir.join("master.key")).unwrap();
    expect_same(&world, &launch, &paid).await;
}

/// A log that a crashed server left behind belongs to another database.
#[tokio::test]
async fn a_backup_is_not_restored_beside_an_old_log() {
    if on_postgres() {
        return;
    }
    let mut world = World::start().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.sqlite");
    let file = file.to_str().unwrap();
    world.cli(&["backup", "--to", file]).await.expect_ok();
    world.another_brand("test").await;
    world.server.kill();
    let data = world.data_dir().to_owned();
    assert!(data.join("torana.sqlite-wal").exists(), "the crash left a log");
    std::fs::rename(data.join("torana.sqlite"), data.join("broken.sqlite")).unwrap();
    let refused = world.cli(&["restore", "--from", file]).await;
    assert!(
        !refused.ok && refused.stderr.contains("torana.sqlite-wal exists"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn a_backup_of_nothing_is_refused() {
    if on_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let launch = Launch::new(dir.path().join("mistyped"), vec![]);
    let printed = cli::run(&launch, &["backup", "--to", "x"]).await;
    assert!(!printed.ok && printed.stderr.contains("no database"), "{}", printed.stderr);
    assert!(!launch.data_dir.exists());
}

#[tokio::test]
async fn what_is_no_backup_is_not_restored() {
    if on_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("copy.sqlite");
    std::fs::write(&file, "x".repeat(10_000)).unwrap();
    let launch = Launch::new(dir.path().join("fresh"), vec![]);
    let printed = cli::run(&launch, &["restore", "--from", file.to_str().unwrap()]).await;
    assert!(!printed.ok && printed.stderr.contains("nothing was restored"), "{}", printed.stderr);
    assert!(!launch.data_dir.join("torana.sqlite").exists());
}

#[tokio::test]
async fn all_data_moves_to_postgres_and_back() {
    if !on_postgres() {
        return;
    }
    // A world on SQLite, whatever the other tests run on.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("torana.sqlite");
    let url = format!("sqlite:{}", file.display());
    let mut world = World::builder().env("TORANA_DATABASE_URL", &url).start().await;
    let paid = world.shop().create("77").await;
    world.sandbox().simulate(&paid.id, "succeed").await;
    world.merchant.wait("/webhook", 1).await;
    let from = dir.path().to_str().unwrap();
    let scratch = Scratch::new();
    let to = scratch.url();
    let to = to.expose();
    let early = world.cli(&["migrate", "--from", from, "--to", to]).await;
    assert!(!early.ok && early.stderr.contains("another server"), "{}", early.stderr);
    world.server.kill();
    let hash = hash(&world).await;
    // Whoever tried the connection first has left a key of his own there.
    let mut tried = Launch::new(dir.path().join("tried"), vec![]);
    tried.env = vec![("TORANA_DATABASE_URL".into(), to.to_owned())];
    cli::run(&tried, &["brand", "list"]).await.expect_ok();
    let moved = world.cli(&["migrate", "--from", from, "--to", to]).await;
    assert!(moved.expect_ok().stdout.contains(&hash), "{}", moved.stdout);
    let again = world.cli(&["migrate", "--from", from, "--to", to]).await;
    assert!(!again.ok && again.stderr.contains("must be empty"), "{}", again.stderr);
    let pairs = world.cli(&["migrate", "--from", from, "--to", "host=x dbname=y"]).await;
    assert!(!pairs.ok && pairs.stderr.contains("key=value"), "{}", pairs.stderr);

    let mut launch = Launch::new(world.data_dir().to_owned(), vec![]);
    launch.env = vec![("TORANA_DATABASE_URL".into(), to.to_owned())];
    expect_same(&world, &launch, &paid).await;

    let back = dir.path().join("back");
    let printed = world.cli(&["migrate", "--from", to, "--to", back.to_str().unwrap()]).await;
    assert!(printed.expect_ok().stdout.contains(&hash), "{}", printed.stdout);
    std::fs::copy(world.data_dir().join("master.key"), back.join("master.key")).unwrap();
    let mut launch = Launch::new(back, vec![]);
    launch.env.clear();
    expect_same(&world, &launch, &paid).await;
}

#[tokio::test]
async fn postgres_is_backed_up_by_its_own_tools() {
    if !on_postgres() {
        return;
    }
    let world = busy_world().await;
    let refused = world.cli(&["backup", "--to", "x"]).await;
    assert!(!refused.ok && refused.stderr.contains("pg_dump"), "{}", refused.stderr);
    let hash = hash(&world).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("torana.dump");
    let file = file.to_str().unwrap();
    let source = world.database().unwrap().url();
    tool("pg_dump", &["--format=custom", "--file", file, source.expose()]);
    let fresh = Scratch::new();
    tool("pg_restore", &["--dbname", fresh.url().expose(), file]);
    let url = fresh.url();
    let check = ["ledger", "check", "--json"];
    let restored = world.cli_with("TORANA_DATABASE_URL", url.expose(), &check).await;
    assert_eq!(text(&restored, "hash"), hash);
}

fn tool(name: &str, args: &[&str]) {
    let output = std::process::Command::new(name).args(args).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
}

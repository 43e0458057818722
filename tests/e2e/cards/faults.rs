//! A network between us and the acquirer that loses answers, or questions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::upstream::upstream_at;
use super::{CODE, Holder, SEAMLESS, SECURITY_CODE, assert_nothing_is_left};
use crate::fiserv_ipg::IpgShop;

/// Passes connections on; what is asked to be lost is lost on the way.
struct Line {
    port: u16,
    loses_answers: Arc<AtomicBool>,
    loses_questions: Arc<AtomicBool>,
}

impl Line {
    /// To a server on this machine.
    async fn to(address: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (loses_answers, loses_questions) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (answers, questions) = (Arc::clone(&loses_answers), Arc::clone(&loses_questions));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (answers, questions) = (Arc::clone(&answers), Arc::clone(&questions));
                let address = address.clone();
                tokio::spawn(async move { pass(near, &address, &answers, &questions).await });
            }
        });
        Self { port, loses_answers, loses_questions }
    }
}

/// One connection, until either side ends it or something is lost.
async fn pass(
    mut near: TcpStream,
    address: &str,
    answers: &AtomicBool,
    questions: &AtomicBool,
) -> Option<()> {
    let mut far = TcpStream::connect(address).await.ok()?;
    let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = near.read(&mut asked) => {
                let count = read.ok().filter(|count| *count > 0)?;
                if questions.load(Ordering::SeqCst) {
                    return None;
                }
                far.write_all(&asked[..count]).await.ok()?;
            }
            read = far.read(&mut told) => {
                let count = read.ok().filter(|count| *count > 0)?;
                if answers.load(Ordering::SeqCst) {
                    return None;
                }
                near.write_all(&told[..count]).await.ok()?;
            }
        }
    }
}

#[tokio::test]
async fn a_sale_whose_answer_is_lost_is_paid_once_it_is_asked_after() {
    let (world, line) = lossy().await;
    let made = world.shop().create("123.50").await;
    let holder = Holder { world: &world, made: &made };
    holder.types(SEAMLESS).await;
    let shop = IpgShop::of(&world);
    let proved = shop.proved("50").await;
    // Both sales arrive, and neither answer does.
    line.loses_answers.store(true, Ordering::SeqCst);
    let unknown = shop.post("/payments", &shop.sale(&proved, "50")).await.expect(200).json();
    assert_eq!(unknown["transactionStatus"], "WAITING", "{unknown}");
    let lost = holder.types_code(CODE).await;
    assert!(lost.location().ends_with("code=otp_lost"), "{}", lost.location());
    world.sandbox().advance(60).await;
    let path = format!("/payments/{}", unknown["ipgTransactionId"].as_str().unwrap());
    assert_eq!(shop.get(&path).await["transactionStatus"], "WAITING", "nobody says");
    line.loses_answers.store(false, Ordering::SeqCst);
    world.sandbox().advance(300).await;
    assert_eq!(shop.get(&path).await["transactionStatus"], "APPROVED");
    assert_nothing_is_left(&world, &[SEAMLESS, SECURITY_CODE, CODE]);
    world.check_books().await;
}

#[tokio::test]
async fn what_never_arrived_is_not_paid() {
    let (world, line) = lossy().await;
    let shop = IpgShop::of(&world);
    let proved = shop.proved("50").await;
    line.loses_questions.store(true, Ordering::SeqCst);
    let unknown = shop.post("/payments", &shop.sale(&proved, "50")).await.expect(200).json();
    assert_eq!(unknown["transactionStatus"], "WAITING", "it may have arrived: {unknown}");
    line.loses_questions.store(false, Ordering::SeqCst);
    let path = format!("/payments/{}", unknown["ipgTransactionId"].as_str().unwrap());
    world.sandbox().advance(120).await;
    assert_eq!(shop.get(&path).await["transactionStatus"], "WAITING", "it may be on its way");
    world.sandbox().advance(2 * 60 * 60).await;
    assert_ne!(shop.get(&path).await["transactionStatus"], "APPROVED");
    assert_ne!(shop.get(&path).await["transactionStatus"], "WAITING");
    world.check_books().await;
}

async fn lossy() -> (crate::world::World, Line) {
    let world = super::world().await;
    let address = world.server.base.trim_start_matches("http://").to_owned();
    let line = Line::to(address).await;
    let site = format!("http://127.0.0.1:{}/ipp/payments-gateway/v2", line.port);
    (upstream_at(world, &site).await, line)
}

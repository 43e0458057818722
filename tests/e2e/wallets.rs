//! Real wordings of the wallets' messages, each paying a payment by way of the phone.

use crate::world::{Sms, World};

struct Text {
    taka: &'static str,
    reference: &'static str,
    body: &'static str,
}

const fn text(taka: &'static str, reference: &'static str, body: &'static str) -> Text {
    Text { taka, reference, body }
}

/// A payment of that amount is made and claimed for every text; then the phone hears the text.
async fn every_text_pays(method: &str, sender: &str, texts: &[Text]) {
    let world = World::start().await;
    for Text { taka, reference, body } in texts {
        let made = world.shop().create(taka).await;
        world.payer(&made).confirm(method, reference).await.expect(202);
        world.phone().hears(&Sms::new(sender, body, reference)).await;
        let verified = world.shop().verify(&made).await;
        assert_eq!(verified["status"], "COMPLETED", "{body}");
        assert_eq!(
            (&verified["payment_method"], &verified["trx_id"]),
            (&method.into(), &(*reference).into())
        );
    }
    let inbox = world.cli(&["inbox", "list", "--brand", &world.brand.id, "--json"]).await.json();
    assert_eq!(inbox, serde_json::json!({"receipts": [], "messages": []}));
    world.check_books().await;
}

#[tokio::test]
async fn bkash() {
    let texts = [
        text(
            "1250",
            "CK5AB12CD4",
            "You have received Tk 1,250.00 from 01711000001. Fee Tk 0.00. Balance Tk 3,410.55. TrxID CK5AB12CD4 at 05/11/2025 14:07",
        ),
        text(
            "60",
            "CK5AB12CD5",
            "You have received Tk 60.00 from 01711000001. Ref inv 77. Fee Tk 0.00. Balance Tk 3,470.55. TrxID CK5AB12CD5 at 05/11/2025 14:09.",
        ),
        text(
            "55",
            "CK5AB12CD6",
            "You have received payment Tk 55.00 from 01911000002. Fee Tk 0.00. Balance Tk 3,525.55.TrxID CK5AB12CD6 at 05/11/2025 14:11",
        ),
        text(
            "500",
            "CK5AB12CD7",
            "Cash In Tk 500.00 from 01611000003 successful. Fee Tk 0.00. Balance Tk 4,025.55. TrxID CK5AB12CD7 at 05/11/2025 14:12 [Download App: https://bKa.sh/8app]",
        ),
        text(
            "10000",
            "CK5AB12CD8",
            "You have received deposit from iBanking of Tk 10,000.00 from BRAC Bank. Fee Tk 0.00. Balance Tk 14,025.55. TrxID CK5AB12CD8 at 05/11/2025 14:13",
        ),
        text(
            "785",
            "CK5AB12CD9",
            "Cash Out Tk 785.00 from 01811000004 successful. Fee Tk 0.00. Balance Tk 14,810.55. TrxID CK5AB12CD9 at 05/11/2025 14:14",
        ),
    ];
    every_text_pays("bkash", "bKash", &texts).await;
}

#[tokio::test]
async fn nagad() {
    let texts = [
        text(
            "300",
            "74ABCDEF",
            "Money Received.\nAmount: Tk 300.00\nSender: 01811000004\nRef: N/A\nTxnID: 74ABCDEF\nBalance: Tk 1250.40\n05/11/2025 14:07",
        ),
        text(
            "500",
            "74ABCDEG",
            "Cash In Received.\r\nAmount: Tk 500.00\r\nUddokta: 01711000001\r\nTxnID: 74ABCDEG\r\nBalance: 1750.40\r\n05/11/2025 14:08",
        ),
        text(
            "50",
            "74ABCDEH",
            "Payment Received.\nAmount: Tk 50.00\nCustomer: 01911000002\nTxnID: 74ABCDEH\nBalance: Tk 1800.40\n05/11/2025 14:09",
        ),
        text(
            "1",
            "74ABCDEI",
            "Payment - Bangla QR Successfully Received.\nAmount: Tk 1.00\nTxn ID: 74ABCDEI\nBalance: Tk 1801.40\n05/11/2025 14:10",
        ),
        text(
            "2100",
            "74ABCDEJ",
            "Cash Out Received. Amount: Tk 2100.00 Customer: 01611000003 TxnID: 74ABCDEJ Comm: Tk 8.61 Balance: Tk 3910.01 05/11/2025 14:11",
        ),
    ];
    every_text_pays("nagad", "NAGAD", &texts).await;
}

#[tokio::test]
async fn rocket() {
    let texts = [
        text(
            "99",
            "5912345678",
            "Tk99.00 received from A/C:***515 Fee:Tk0, Your A/C Balance: Tk1,145.85 TxnId:5912345678 Date:08-NOV-25 06:21:43 am. Download https://bit.ly/nexuspay",
        ),
        text(
            "20",
            "6024680135",
            "Tk.20.00 received from A/C:***946 Ref No: NA Fee: Tk.00 NetBal: Tk1,165.85 TxnId: 6024680135 Date:27-DEC-25 07:17:16 pm.",
        ),
        text(
            "500",
            "6024680136",
            "Tk500 credited from card ****1234. Fee:Tk0 NetBal:Tk1,665.85 TxnId:6024680136 Date:27-DEC-25 07:18:16 pm.",
        ),
    ];
    every_text_pays("rocket", "16216", &texts).await;
}

#[tokio::test]
async fn upay() {
    let texts = [
        text(
            "900",
            "01K7C8YT08",
            "Tk. 900.00 has been received from 01511000005. Ref-inv77. Balance Tk. 900.00. TrxID 01K7C8YT08 at 12/10/2025 19:15.",
        ),
        text(
            "1",
            "01K7C8YTZG",
            "Received Payment of Tk.1.00 from 01711000001. Balance Tk. 901.00. TrxID 01K7C8YTZG at 12/10/2025 19:15.",
        ),
    ];
    every_text_pays("upay", "upay", &texts).await;
}

#[tokio::test]
async fn the_sender_and_not_the_text_says_which_wallet_it_is() {
    let world = World::start().await;
    let made = world.shop().create("10").await;
    let sms = Sms::bkash(10);
    for sender in ["bKash1", "Nagad", "01711000001", "bKаsh", "my bKash"] {
        world.phone().hears(&Sms::new(sender, &sms.body, "")).await;
    }
    for method in ["bkash", "nagad"] {
        assert_eq!(world.payer(&made).confirm_code(method, &sms.reference).await, "not_found_yet");
    }
    world.phone().hears(&Sms::new(" BKASH ", &sms.body, "")).await;
    assert_eq!(world.shop().state(&made).await, "COMPLETED");
}

#[tokio::test]
async fn what_a_payer_writes_into_the_reference_changes_nothing() {
    let world = World::start().await;
    let (cheap, dear) = (world.shop().create("10").await, world.shop().create("99999").await);
    let fake = "CK5FAKE000";
    let body = format!(
        "You have received Tk 10.00 from 01711000001. Ref x. Fee Tk 0.00. Balance Tk 99,999.00. TrxID {fake} at 05/11/2025 14:07. Fee Tk 0.00. Balance Tk 110.00. TrxID CK5REALONE at 05/11/2025 14:07"
    );
    world.phone().hears(&Sms::new("bKash", &body, "CK5REALONE")).await;
    assert_eq!(world.payer(&dear).confirm_code("bkash", fake).await, "not_found_yet");
    assert_eq!(world.payer(&dear).confirm_code("bkash", "CK5REALONE").await, "amount_short");
    assert_eq!(world.payer(&cheap).confirm_code("bkash", "CK5REALONE").await, "succeeded");
}

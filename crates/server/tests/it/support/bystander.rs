//! Somebody else who chats all the while: whatever a test does to the server, this buyer must not notice.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::team::Role;
use xiaoer_testkit::client::{Buyer, Desk};

use super::{SHOP, TestApp};

/// The slowest answer that still counts as undisturbed, on a machine that runs other tests beside.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Entries of a page of the log; a longer talk is not counted, only looked through for gaps.
const PAGE: usize = 200;
/// Lines each side says at the least.
const LINES_MIN: i64 = 5;

/// Runs `mischief` while another buyer and an agent chat; every line of theirs must be stored and heard in time.
pub async fn undisturbed<T>(app: &TestApp, mischief: impl Future<Output = T>) -> T {
    app.person("bystander", &[Role::Agent]).await;
    let token = app.sign_in("bystander").await;
    let mut desk = Desk::join(app.base(), SHOP, &token).await;
    let mut buyer = Buyer::join(app.base(), SHOP, json!({})).await;
    desk.watch(&buyer.conversation).await;
    let done = CancellationToken::new();
    let end = done.clone().drop_guard();
    let mischief = async move {
        let result = mischief.await;
        drop(end);
        result
    };
    let chat = async {
        let (mut number, mut slowest) = (0, Duration::ZERO);
        while number < LINES_MIN || !done.is_cancelled() {
            number += 1;
            let started = Instant::now();
            chat_once(&mut buyer, &mut desk, number).await;
            slowest = slowest.max(started.elapsed());
            // Below the limits of both sides.
            tokio::time::sleep(Duration::from_millis(110)).await;
        }
        assert!(slowest < ANSWER_WITHIN, "another buyer waited {slowest:?}");
        number
    };
    let (result, lines) = tokio::join!(mischief, chat);
    let http = app.http.bearer(&token);
    let log = app.log(&http, &buyer.conversation, "buyer").await;
    let said = log.iter().filter(|e| e["kind"] == "message").count();
    if log.len() < PAGE {
        assert_eq!(said, usize::try_from(2 * lines).unwrap(), "a line is missing");
    }
    let seqs: Vec<i64> = log.iter().filter_map(|e| e["seq"].as_i64()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "a line is missing: {seqs:?}");
    result
}

async fn chat_once(buyer: &mut Buyer, desk: &mut Desk, number: i64) {
    let (asks, answers) = (format!("在吗 {number}"), format!("在的 {number}"));
    buyer.say(&format!("asks.{number:06}"), &asks).await;
    desk.hears(&asks).await;
    let conversation = buyer.conversation.clone();
    desk.say(&conversation, "buyer", &format!("answers.{number:06}"), &answers).await;
    buyer.hears(&answers).await;
}

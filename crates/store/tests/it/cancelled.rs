//! Callers that go away in the middle leave nothing behind for the next one.

use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use xiaoer_testkit::{TestDb, both_dbs};

use crate::{CREATE_PAIR, exec, insert_key, keys};

/// Polls after which a caller goes away.
const POLLS_MAX: usize = 12;

both_dbs! {
    async fn a_read_that_is_given_up_leaves_its_connection_as_it_was(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        for key in 0..30 {
            for polls in 0..POLLS_MAX {
                give_up(&db, polls).await;
            }
            db.write(insert_key(key)).await.unwrap();
            // More readers at once than there are connections: each sees the row of just now.
            for seen in join_all((0..8).map(|_| keys(&db))).await {
                assert!(seen.contains(&key), "a reader sees an old moment");
            }
        }
    }
}

/// Starts a read and drops it after some polls.
async fn give_up(db: &TestDb, polls: usize) {
    let mut read = pin!(keys(db));
    for _ in 0..polls {
        if read.as_mut().now_or_never().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

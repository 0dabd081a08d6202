//! For tests only: a migrated database per test on both databases, a clock that is set by hand,
//! chance with a seed.
//!
//! Must never be a dependency outside `[dev-dependencies]`, and never skip a test.

pub mod client;
mod clock;
mod database;
pub mod sim;

pub use clock::{MockClock, seeded};
pub use database::{POSTGRES_VARIABLE, TestDb, run_on_postgres, run_on_sqlite};

/// Runs each test on SQLite and on PostgreSQL: `name::sqlite` and `name::postgres`.
///
/// ```text
/// both_dbs! {
///     async fn a_closed_conversation_rejects_messages(db: TestDb) {
///         db.write(|tx| Box::pin(async move { … })).await.unwrap();
///     }
/// }
/// ```
#[macro_export]
macro_rules! both_dbs {
    ($(
        $(#[$meta:meta])*
        async fn $name:ident($db:ident: $kind:ty) $body:block
    )+) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn test($db: $kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::run_on_sqlite(test).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::run_on_postgres(test).await;
            }
        }
    )+};
}

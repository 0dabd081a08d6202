//! An import that is cut off goes on where it stood.

use std::fmt::Write as _;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

use xiaoer_app::App;
use xiaoer_app::orders::ImportError;
use xiaoer_domain::id::ShopId;
use xiaoer_testkit::{TestDb, both_dbs};

use super::shop::{HEADER, app, import, options, orders, refunds, shop, try_import};

/// Enough for several transactions, with a cancellation for every tenth order.
fn long_file() -> String {
    let mut text = HEADER.to_owned();
    for order in 0..800_u32 {
        let (minute, customer) = (order % 60, order % 37);
        let at = format!("2011-02-{:02} {:02}:{minute:02}:00", 1 + order / 60, 8 + order % 9);
        for item in 0..6 {
            let (sku, quantity) = ((order * 7 + item * 13) % 50, 1 + (order + item) % 5);
            let _ = writeln!(
                text,
                "{},S{sku},Thing {sku},{quantity},{at},{}.{:02},{customer}.0,X",
                10_000 + order,
                sku % 9,
                sku % 100,
            );
        }
        if order % 10 == 9 {
            let sku = (order * 7) % 50;
            let _ = writeln!(
                text,
                "C{},S{sku},Thing {sku},-1,{at},1.00,{customer}.0,X",
                10_000 + order
            );
        }
    }
    text
}

/// Everything an import leaves behind, for comparing.
async fn stored(app: &App, shop: ShopId) -> (Vec<String>, Vec<String>) {
    (orders(app, shop).await, refunds(app, shop).await)
}

/// A file on a disk that fails once so many bytes were read, both passes together.
struct Failing {
    file: Cursor<Vec<u8>>,
    bytes_left: usize,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bytes_left = self.bytes_left.saturating_sub(read);
        match self.bytes_left {
            0 => Err(io::Error::other("the disk failed")),
            _ => Ok(read),
        }
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

both_dbs! {
    async fn an_import_that_fails_midway_goes_on_and_ends_as_if_it_never_had(db: TestDb) {
        let app = app(&db);
        let (cut, whole) = (shop(&app, "cut").await, shop(&app, "whole").await);
        let text = long_file();
        let failing = || Failing {
            file: Cursor::new(text.clone().into_bytes()),
            bytes_left: text.len() + text.len() * 4 / 5,
        };
        let failed = try_import(&app, cut, failing()).await;
        assert!(matches!(failed, Err(ImportError::File(_))), "{failed:?}");
        let kept = orders(&app, cut).await.len();
        assert!((1..800).contains(&kept), "{kept} orders before the failure");

        let resumed = import(&app, cut, &text).await;
        let direct = import(&app, whole, &text).await;
        assert!(resumed.resumed_at_line.is_some());
        assert_eq!(stored(&app, cut).await, stored(&app, whole).await);
        assert_eq!(resumed.counts, direct.counts);
        assert_eq!((resumed.states, resumed.refunds), (direct.states, direct.refunds));
    }

    async fn an_import_whose_caller_goes_away_goes_on_later(db: TestDb) {
        let app = app(&db);
        let (cut, whole) = (shop(&app, "cut").await, shop(&app, "whole").await);
        let text = long_file();
        let stored_some = std::sync::Arc::new(tokio::sync::Notify::new());
        let tell = std::sync::Arc::clone(&stored_some);
        let file = Cursor::new(text.clone().into_bytes());
        let import_cut = app.import_orders(cut, file, options(), move |progress| {
            if progress.lines_done > 0 {
                tell.notify_one();
            }
        });
        // Dropping it is what happens to a call whose process ends.
        tokio::select! {
            done = import_cut => assert!(done.is_ok()),
            () = stored_some.notified() => {}
        }
        let resumed = import(&app, cut, &text).await;
        let direct = import(&app, whole, &text).await;
        assert_eq!(stored(&app, cut).await, stored(&app, whole).await);
        assert_eq!(resumed.states, direct.states);
    }

    async fn an_import_stops_with_the_house(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        app.tasks.stopping().cancel();
        let stopped = try_import(&app, shop, Cursor::new(long_file().into_bytes())).await;
        assert!(matches!(stopped, Err(ImportError::Stopped)), "{stopped:?}");
        assert_eq!(orders(&app, shop).await.len(), 0);
    }

    async fn progress_counts_every_line_and_ends_at_the_last(db: TestDb) {
        let app = app(&db);
        let shop = shop(&app, "demo").await;
        let text = long_file();
        let lines = text.lines().count() as u64 - 1;
        let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let tell = std::sync::Arc::clone(&told);
        let file = Cursor::new(text.into_bytes());
        app.import_orders(shop, file, options(), move |progress| {
            assert_eq!(progress.lines_total, lines);
            tell.lock().unwrap().push(progress.lines_done);
        })
        .await
        .unwrap();
        let told = told.lock().unwrap();
        assert!(told.len() > 2 && told.is_sorted(), "{told:?}");
        assert_eq!((told.first(), told.last()), (Some(&0), Some(&lines)));
    }
}

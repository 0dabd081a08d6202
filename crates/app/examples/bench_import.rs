//! How fast a real file of orders is imported, and how fast a buyer's orders open afterwards.
//!
//! `cargo run --release -p xiaoer-app --example bench_import -- FILE` measures on SQLite with the durability of the
//! product, and on PostgreSQL too if `XIAOER_TEST_POSTGRES` names one.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use xiaoer_app::orders::{ImportOptions, ImportReport};
use xiaoer_app::{App, Chance, Clock, Limits};
use xiaoer_connect::{Format, Zone};
use xiaoer_domain::id::{BuyerId, ShopId};
use xiaoer_domain::orders::Currency;
use xiaoer_store::{Db, DbConfig, Sql, StoreError, args, platform};
use xiaoer_testkit::{POSTGRES_VARIABLE, TestDb};

/// What the import of 320,705 lines may take on SQLite.
const IMPORT_MAX: Duration = Duration::from_secs(10);
/// What opening a buyer's orders may take, 99 times of 100.
const OPENING_MAX: Duration = Duration::from_millis(50);

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("name the file to import")?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(Path::new(&file)))
}

async fn measure(file: &Path) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("xiaoer-bench-import-{}", std::process::id()));
    let db = Db::open(DbConfig::sqlite(&folder)).await?;
    db.migrate(0).await?;
    let measured = measure_on("SQLite", db.clone(), file).await;
    db.close().await;
    std::fs::remove_dir_all(&folder)?;
    let took = measured?;
    if std::env::var_os(POSTGRES_VARIABLE).is_some() {
        let db = TestDb::postgres().await;
        let measured = measure_on("PostgreSQL", (*db).clone(), file).await;
        db.remove().await;
        measured?;
    }
    match took <= IMPORT_MAX {
        true => Ok(()),
        false => Err(format!("the import took longer than {IMPORT_MAX:?}").into()),
    }
}

async fn measure_on(name: &str, db: Db, file: &Path) -> Result<Duration, Box<dyn Error>> {
    println!("{name}");
    let app = App::new(db, Clock::system(), Chance::system(), Limits::default());
    let now = app.clock.now();
    let made = app.db.write(move |tx| {
        Box::pin(async move { platform::insert_shop(tx, "bench", "Bench", b"key", now).await })
    });
    let made: Result<ShopId, StoreError> = made.await;
    let shop = made?;
    let took = import(&app, shop, file, "first").await?;
    import(&app, shop, file, "again").await?;
    let slowest = open_all(&app, shop).await?;
    app.tasks.stop().await;
    match slowest <= OPENING_MAX {
        true => Ok(took),
        false => Err(format!("opening took longer than {OPENING_MAX:?}").into()),
    }
}

/// Imports the file; the longest time between two reports of progress is about the longest transaction.
async fn import(
    app: &App,
    shop: ShopId,
    file: &Path,
    name: &str,
) -> Result<Duration, Box<dyn Error>> {
    let options = ImportOptions {
        format: Format::OnlineRetail,
        file_name: "bench".into(),
        zone: Zone::parse("Europe/London").ok_or("the zone is compiled in")?,
        currency: Currency::parse("GBP")?,
        mapping: None,
    };
    let started = Instant::now();
    let (mut last, mut gaps) = (None, Vec::new());
    let report = app.import_orders(shop, File::open(file)?, options, |_| {
        let now = Instant::now();
        gaps.extend(last.replace(now).map(|before| now - before));
    });
    let report: ImportReport = report.await?;
    let took = started.elapsed();
    let per_second = report.counts.lines as f64 / took.as_secs_f64();
    gaps.sort_unstable();
    println!(
        "  {name}: {} lines in {:.2} s = {per_second:.0} lines/s; {} transactions, longest {:.0} ms; \
         {} orders new, {} unchanged; refunds {} linked, {} unlinked",
        report.counts.lines,
        took.as_secs_f64(),
        gaps.len(),
        gaps.last().map_or(0.0, |gap| gap.as_secs_f64() * 1e3),
        report.counts.orders_new,
        report.counts.orders_unchanged,
        report.refunds.linked,
        report.refunds.unlinked,
    );
    Ok(took)
}

/// Opens the first page of every buyer, written as JSON as the desk gets it; gives the 99th percentile.
async fn open_all(app: &App, shop: ShopId) -> Result<Duration, Box<dyn Error>> {
    let list = Sql::in_test("SELECT id FROM buyer WHERE shop_id = $1 ORDER BY id");
    let rows =
        app.db.read(move |tx| Box::pin(async move { tx.all(list, args![shop]).await })).await;
    let rows: Result<Vec<_>, StoreError> = rows;
    let mut times = Vec::new();
    for row in rows? {
        let buyer: BuyerId = row.get("id")?;
        let started = Instant::now();
        let page = app.list_orders(shop, buyer, None, 20).await?;
        std::hint::black_box(serde_json::to_vec(&page)?);
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "  opening the orders of {} buyers: p50 {:?}, p99 {:?}, longest {:?}",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(at(0.99))
}

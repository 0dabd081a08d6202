//! Backup and restore: every row and file comes back, what is damaged is refused, every night has its backup, and the
//! database of the first release becomes one of today.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use xiaoer_app::platform::{
    ArchiveError, Manifest, Nightly, RestoreError, back_up, check_backup, restore,
};
use xiaoer_app::{Chance, Clock};
use xiaoer_domain::time::Span;
use xiaoer_server::config::Config;
use xiaoer_server::{Running, start};
use xiaoer_store::snapshot::Occupied;
use xiaoer_store::{DatabaseUrl, Db, DbConfig, Place, Sql, StoreError, args};
use xiaoer_testkit::client::Http;
use xiaoer_testkit::{MockClock, TestDb, both_dbs};

use crate::support::{PASSWORD, TestApp, id};

/// The databases of the first release, as backups: schema step 3.
const FIRST_RELEASE: [&str; 2] = ["first_release.sqlite.tar.gz", "first_release.postgres.tar.gz"];
/// Numbers of a cluster's transactions begin anew elsewhere, and followers go on beside a backup.
const NOT_COMPARED: [&str; 4] =
    ["journal.xid", "follower.xid", "follower.id", "follower.updated_at"];

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("xiaoer-backup-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A place to restore into: a folder, and on PostgreSQL an empty database.
struct Elsewhere {
    folder: Folder,
    database: Option<TestDb>,
}

impl Elsewhere {
    async fn new(db: &TestDb) -> Self {
        let database = if db.is_sqlite() { None } else { Some(db.empty().await) };
        Self { folder: Folder::new(), database }
    }

    fn config(&self) -> DbConfig {
        self.database.as_ref().map_or_else(|| DbConfig::sqlite(&self.folder.0), |db| db.config())
    }

    async fn restore(&self, backup: &Path, occupied: Occupied) -> Result<Manifest, RestoreError> {
        let (now, chance) = (MockClock::new().now(), Chance::seeded(3));
        restore(&self.config(), &self.folder.0, backup, occupied, now, &chance).await
    }

    async fn start(&self) -> Running {
        let mut config = Config::load(None, &BTreeMap::new()).unwrap();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        config.data.dir.clone_from(&self.folder.0);
        if let DatabaseUrl::Postgres { url, .. } = self.config().url {
            config.data.database_url = Some(url);
        }
        let clock = MockClock::new();
        start(config, Clock::from_fn(move || clock.now()), Chance::seeded(9)).await.unwrap()
    }

    async fn remove(self) {
        if let Some(database) = self.database {
            database.remove().await;
        }
    }
}

fn data_dir(app: &TestApp, db: &TestDb) -> PathBuf {
    db.folder().map_or_else(|| app.folder().to_path_buf(), Path::to_path_buf)
}

async fn backed_up(app: &TestApp, db: &TestDb, target: &Path) -> PathBuf {
    let house = app.app();
    let made = back_up(&house.db, &data_dir(app, db), target, app.clock.now(), &house.chance).await;
    made.unwrap().path
}

/// A shop with an agent, buyers, talk, and files beside the database.
async fn furnish(app: &TestApp, db: &TestDb) {
    let agent = app.available("xiaoman").await;
    for (number, name) in ["first", "second"].into_iter().enumerate() {
        let mut buyer = app.buyer().await;
        let number = u32::try_from(number).unwrap() * 10;
        buyer.say(&id(number), &format!("{name}: tab\there, line\nthere, \\N, “引号” 🌿")).await;
        buyer.say(&id(number + 1), "and once more").await;
        let visitor = app.http.visitor(&buyer.token);
        let text = format!("the receipt of {name}");
        let file =
            visitor.upload("/widget/demo/attachments", "小票.txt", text.into_bytes()).await.ok();
        let shown =
            json!({ "client_id": id(number + 2), "content": { "t": "file", "id": file["id"] } });
        visitor.post("/widget/demo/entries", shown).await.ok();
    }
    agent.get("/shops/demo/agents").await.ok();
    let files = data_dir(app, db).join("files/demo");
    std::fs::create_dir_all(&files).unwrap();
    std::fs::write(files.join("pixel"), [0, 159, 146, 150]).unwrap();
    std::fs::write(data_dir(app, db).join("secret.key"), "not for everybody").unwrap();
}

/// Every row of every table as text, by table.
async fn rows(
    db: &Db,
    tables: &BTreeMap<String, i64>,
    is_sqlite: bool,
) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in tables.keys() {
        let columns = if is_sqlite {
            format!("SELECT name AS t FROM pragma_table_info('{table}')")
        } else {
            format!(
                "SELECT CAST(column_name AS TEXT) AS t FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = '{table}'"
            )
        };
        let columns = texts(db, columns).await;
        let compared = columns.iter().filter(|c| !NOT_COMPARED.contains(&&*format!("{table}.{c}")));
        let shown = compared.map(|column| {
            let of = if is_sqlite {
                format!("quote(\"{column}\")")
            } else {
                format!("CAST(\"{column}\" AS TEXT)")
            };
            format!("COALESCE({of}, 'none')")
        });
        let shown: Vec<String> = shown.collect();
        let sql = format!("SELECT {} AS t FROM \"{table}\" ORDER BY 1", shown.join(" || ', ' || "));
        all.insert(table.clone(), texts(db, sql).await);
    }
    all
}

async fn texts(db: &Db, sql: String) -> Vec<String> {
    let sql = Sql::in_test(Box::leak(sql.into_boxed_str()));
    let rows = db.read(|tx| Box::pin(async move { tx.all(sql, args![]).await }));
    let rows = rows.await.unwrap();
    rows.iter().map(|row| row.get("t")).collect::<Result<_, StoreError>>().unwrap()
}

both_dbs! {
    async fn a_restored_backup_has_every_row_and_every_file(db: TestDb) {
        let app = TestApp::start(&db).await;
        furnish(&app, &db).await;
        let folder = Folder::new();
        let backup = backed_up(&app, &db, &folder.0).await;
        let manifest = check_backup(&backup).unwrap();
        let before = rows(&app.app().db, &manifest.rows, db.is_sqlite()).await;
        assert!(before["entry"].len() >= 6 && before["membership_role"].len() == 1);

        let elsewhere = Elsewhere::new(&db).await;
        elsewhere.restore(&backup, Occupied::Refuse).await.unwrap();
        assert!(!elsewhere.folder.0.join("derived.db").exists());
        let restored = Db::open(elsewhere.config()).await.unwrap();
        let after = rows(&restored, &manifest.rows, db.is_sqlite()).await;
        restored.close().await;
        assert_eq!(before, after);
        let file = |name: &str| std::fs::read(elsewhere.folder.0.join(name)).unwrap();
        assert_eq!(file("files/demo/pixel"), [0, 159, 146, 150]);
        assert_eq!(file("secret.key"), b"not for everybody");

        let running = elsewhere.start().await;
        let http = Http::new(&format!("http://{}", running.address));
        let http = http.bearer(&http.sign_in("xiaoman", PASSWORD).await.unwrap());
        let list = http.get("/shops/demo/conversations?list=mine").await.ok();
        assert_eq!(list["rows"].as_array().unwrap().len(), 2);
        let shop = running.app.shop("demo").await.unwrap();
        let verified = running.app.verify(shop.id).await.unwrap();
        assert_eq!((verified.broken, verified.files, verified.spoilt), (vec![], 2, vec![]));
        // What was sent before is read by the link that the restored house makes.
        let path = format!("/shops/demo/conversations/{}/entries", list["rows"][0]["conversation"].as_str().unwrap());
        let log = http.get(&path).await.ok();
        let url = log["entries"].as_array().unwrap().iter().find_map(|entry| entry["content"]["url"].as_str());
        let (status, _, bytes) = http.fetch(url.unwrap()).await;
        assert_eq!(status, 200);
        assert!(String::from_utf8_lossy(&bytes).starts_with("the receipt of"));
        // New rows get new numbers, and followers go on.
        let mut buyer = xiaoer_testkit::client::Buyer::join(http.base(), "demo", json!({})).await;
        buyer.say(&id(99), "after the restore").await;
        running.stop().await;
        elsewhere.remove().await;
        app.stop().await;
    }

    async fn a_damaged_backup_changes_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        furnish(&app, &db).await;
        let folder = Folder::new();
        let backup = backed_up(&app, &db, &folder.0).await;
        let whole = std::fs::read(&backup).unwrap();
        let elsewhere = Elsewhere::new(&db).await;
        for length in [0, 100, whole.len() / 2, whole.len() - 20] {
            std::fs::write(&backup, &whole[..length]).unwrap();
            let refused = elsewhere.restore(&backup, Occupied::Refuse).await;
            assert!(matches!(refused, Err(RestoreError::Archive(_))), "{length}: {refused:?}");
        }
        let mut altered = whole.clone();
        let middle = altered.len() / 2;
        // More than a bit: in a packed run of zeros another distance may mean the same bytes.
        altered[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0xa5);
        std::fs::write(&backup, &altered).unwrap();
        let refused = check_backup(&backup);
        assert!(matches!(refused, Err(ArchiveError::NotWhole(_) | ArchiveError::Altered(_))), "{:?}", refused.map(drop));
        assert_eq!(std::fs::read_dir(&elsewhere.folder.0).unwrap().count(), 0);
        elsewhere.remove().await;
        app.stop().await;
    }

    async fn what_is_there_is_replaced_only_when_asked_and_put_aside(db: TestDb) {
        let app = TestApp::start(&db).await;
        furnish(&app, &db).await;
        let folder = Folder::new();
        let backup = backed_up(&app, &db, &folder.0).await;
        let elsewhere = Elsewhere::new(&db).await;
        elsewhere.restore(&backup, Occupied::Refuse).await.unwrap();
        let refused = elsewhere.restore(&backup, Occupied::Refuse).await;
        assert!(matches!(refused, Err(RestoreError::Occupied(_))), "{refused:?}");
        std::fs::write(elsewhere.folder.0.join("secret.key"), "of today").unwrap();
        elsewhere.restore(&backup, Occupied::Replace).await.unwrap();
        let aside = std::fs::read_dir(&elsewhere.folder.0).unwrap().flatten();
        let aside = aside.map(|e| e.path()).find(|p| p.display().to_string().contains("replaced-"));
        assert_eq!(std::fs::read(aside.unwrap().join("secret.key")).unwrap(), b"of today");
        elsewhere.start().await.stop().await;
        elsewhere.remove().await;
        app.stop().await;
    }

    async fn every_night_has_its_backup_and_old_ones_go(db: TestDb) {
        let app = TestApp::start(&db).await;
        let shop = app.shop().await;
        app.app().set_setting(&shop, "backups_kept", "2").await.unwrap();
        let folder = Folder::new();
        let nightly = Nightly {
            data_dir: data_dir(&app, &db),
            folder: folder.0.join("nights"),
            since: app.clock.now(),
        };
        let count = || std::fs::read_dir(&nightly.folder).map_or(0, Iterator::count);
        assert!(app.app().back_up_if_due(&nightly).await.unwrap().is_none(), "no night has passed");
        for night in 1..=4 {
            app.clock.advance(Span::minutes(24 * 60));
            assert!(app.app().back_up_if_due(&nightly).await.unwrap().is_some());
            assert!(app.app().back_up_if_due(&nightly).await.unwrap().is_none(), "once a night");
            assert_eq!(count(), night.min(2));
        }
        assert!(!app.app().backup_state(&nightly).await.unwrap().is_late);
        app.clock.advance(Span::minutes(37 * 60));
        assert!(app.app().backup_state(&nightly).await.unwrap().is_late);
        app.app().set_setting(&shop, "backup_at", "off").await.unwrap();
        assert!(app.app().back_up_if_due(&nightly).await.unwrap().is_none());
        app.stop().await;
    }
}

both_dbs! {
    async fn a_database_of_the_first_release_becomes_one_of_today(db: TestDb) {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let old = fixtures.join(FIRST_RELEASE[usize::from(!db.is_sqlite())]);
        let elsewhere = Elsewhere::new(&db).await;
        let manifest = elsewhere.restore(&old, Occupied::Refuse).await.unwrap();
        assert_eq!((manifest.schema, manifest.rows["entry"]), (3, 8));
        let running = elsewhere.start().await;
        let statuses = running.app.db.schema_status().await.unwrap();
        assert!(statuses.iter().all(|s| s.applied == s.known));
        let shop = running.app.shop("demo").await.unwrap();
        let verified = running.app.verify(shop.id).await.unwrap();
        assert_eq!((verified.entries, verified.broken.len()), (8, 0));
        let base = format!("http://{}", running.address);
        let http = Http::new(&base);
        let http = http.bearer(&http.sign_in("xiaoman", PASSWORD).await.unwrap());
        let list = http.get("/shops/demo/conversations?list=mine").await.ok();
        assert_eq!(list["rows"].as_array().unwrap().len(), 2);
        let mut buyer = xiaoer_testkit::client::Buyer::join(&base, "demo", json!({})).await;
        buyer.say(&id(7), "on the schema of today").await;
        let upgraded = statuses.iter().any(|s| s.place == Place::Main && s.known > 3);
        let kept = std::fs::read_dir(elsewhere.folder.0.join("backups")).into_iter().flatten();
        let kept: Vec<_> = kept.flatten().map(|entry| entry.path()).collect();
        assert_eq!(kept.len(), usize::from(upgraded), "backed up before the change");
        assert!(kept.iter().all(|path| check_backup(path).unwrap().schema == 3));
        running.stop().await;
        elsewhere.remove().await;
    }
}

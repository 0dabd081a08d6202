//! Pictures and files: uploaded, sent once, seen by the other side, and gone when they are taken back. What is not what
//! it says, or too much, is refused and leaves nothing behind.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use xiaoer_app::Chance;
use xiaoer_app::platform::back_up;
use xiaoer_domain::team::Role;
use xiaoer_domain::time::Span;
use xiaoer_store::{DatabaseUrl, Sql, args};
use xiaoer_testkit::client::{Buyer, Http};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{SHOP, TestApp, id, path_of};

const ROWS: Sql = Sql::in_test("SELECT COUNT(*) AS n FROM attachment WHERE shop_id = $1");
const SPACE: Sql = Sql::in_test("SELECT bytes AS n FROM attachment_space WHERE shop_id = $1");
const BUYER: &str = "/widget/demo/attachments";

async fn number(app: &TestApp, sql: Sql) -> i64 {
    let shop = app.shop().await.id;
    let read = app.app().db.read(move |tx| {
        Box::pin(async move {
            let row = tx.opt(sql, args![shop]).await?;
            row.map_or(Ok(0), |row| row.get("n"))
        })
    });
    read.await.unwrap()
}

fn data_dir(app: &TestApp, db: &TestDb) -> PathBuf {
    match db.config().url {
        DatabaseUrl::Sqlite { data_dir } => data_dir,
        DatabaseUrl::Postgres { .. } => app.folder().to_path_buf(),
    }
}

/// Lengths of everything that is kept, and of what is still arriving.
fn kept(folder: &Path) -> Vec<u64> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.map(Result::unwrap) {
        let kind = entry.metadata().unwrap();
        match kind.is_dir() {
            true => found.extend(kept(&entry.path())),
            false => found.push(kind.len()),
        }
    }
    found
}

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let paint = |x: u32, y: u32| {
        image::Rgb([(x * 7 % 256) as u8, (y * 5 % 256) as u8, ((x + y) % 256) as u8])
    };
    let picture = DynamicImage::from(RgbImage::from_fn(width, height, paint));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A photograph as a telephone held upright writes it: lying on its side, with a note to turn it, and a place.
fn photograph() -> Vec<u8> {
    let plain = picture(64, 32, ImageFormat::Jpeg);
    let mut notes =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    notes.extend_from_slice(b"GPS 30.2741N 120.1551E");
    let mut photograph = plain[..2].to_vec();
    photograph.extend_from_slice(&[0xff, 0xe1]);
    photograph.extend_from_slice(&u16::try_from(notes.len() + 2).unwrap().to_be_bytes());
    photograph.extend_from_slice(&notes);
    photograph.extend_from_slice(&plain[2..]);
    photograph
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(!0, step)
}

/// A few bytes that say they are 50 000 by 50 000 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = picture(1, 1, ImageFormat::Png);
    bytes[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn show(number: u32, kind: &str, attachment: &Value) -> Value {
    json!({ "client_id": id(number), "content": { "t": kind, "id": attachment["id"] } })
}

async fn up(http: &Http, path: &str, name: &str, bytes: Vec<u8>) -> Value {
    http.upload(path, name, bytes).await.ok()
}

fn last(page: &[Value]) -> &Value {
    page.iter().rfind(|entry| entry["kind"] == "message").unwrap()
}

fn address<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap()
}

both_dbs! {
    async fn a_phrases_picture_is_kept_once_and_sent_in_each_conversation(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (agent, other) = (app.agent("guyu").await, app.agent("xiaoman").await);
        let body = json!({ "scope": "personal", "folder": null, "text": "尺码表给您" });
        let phrase = agent.post(&format!("/shops/{SHOP}/phrases"), body).await.ok();
        let files = format!("/shops/{SHOP}/phrases/{}/files", phrase["id"]);
        let bytes = picture(40, 30, ImageFormat::Png);
        up(&agent, &files, "尺码表.png", bytes.clone()).await;
        up(&agent, &files, "b.txt", b"words".to_vec()).await;
        assert_eq!(other.upload(&files, "a.png", bytes).await.refused(404), "not_found");
        assert_eq!(other.get(&files).await.refused(404), "not_found");
        let listed = agent.get(&files).await.ok();
        assert_eq!((&listed["files"][0]["t"], &listed["files"][1]["name"]), (&json!("image"), &json!("b.txt")));
        assert_eq!(app.http.fetch(address(&listed["files"][0], "url")).await.0, 200);
        let all = agent.get(&format!("/shops/{SHOP}/phrases")).await.ok();
        assert_eq!(all["phrases"][0]["files"], 2);
        let mut sent = Vec::new();
        for number in 0..2 {
            let (_, conversation) = app.visitor().await;
            let to = path_of(&conversation);
            let laid = agent.post(&format!("{to}/phrases/{}/files", phrase["id"]), json!({})).await.ok();
            agent.post(&format!("{to}/entries"), show(10 + number, "image", &laid["files"][0])).await.ok();
            let log = app.log(&agent, &conversation, "buyer").await;
            sent.push(address(&last(&log)["content"], "url").to_owned());
        }
        agent.post(&format!("{files}/{}/remove", listed["files"][0]["id"].as_str().unwrap()), json!({})).await.ok();
        agent.post(&format!("/shops/{SHOP}/phrases/{}/remove", phrase["id"]), json!({})).await.ok();
        app.clock.advance(Span::minutes(60));
        app.app().sweep_attachments().await.unwrap();
        // What was sent stays, whatever becomes of the phrase.
        for url in &sent {
            assert_eq!(app.http.fetch(url).await.0, 200);
        }
        assert_eq!(app.http.fetch(address(&listed["files"][0], "url")).await.0, 404);
        app.stop().await;
    }

    async fn a_photograph_is_turned_stripped_sent_once_and_seen(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, conversation) = app.visitor().await;
        let agent = app.agent("xiaoman").await;
        let uploaded = up(&buyer, BUYER, "IMG 1.JPG", photograph()).await;
        assert_eq!((&uploaded["t"], &uploaded["mime"]), (&json!("image"), &json!("image/jpeg")));
        assert_eq!((&uploaded["width"], &uploaded["height"]), (&json!(32), &json!(64)));
        let path = format!("/widget/{SHOP}/entries");
        let stored = buyer.post(&path, show(1, "image", &uploaded)).await.ok();
        assert_eq!(buyer.post(&path, show(1, "image", &uploaded)).await.ok(), stored);
        assert_eq!(buyer.post(&path, show(2, "image", &uploaded)).await.refused(409), "already_sent");
        let log = app.log(&agent, &conversation, "buyer").await;
        let content = &last(&log)["content"];
        assert_eq!((&content["t"], &content["name"]), (&json!("image"), &json!("IMG 1.jpg")));
        let (status, headers, bytes) = app.http.fetch(address(content, "url")).await;
        assert_eq!(status, 200);
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-resource-policy", "cross-origin"),
        ] {
            assert_eq!(headers[name], value);
        }
        assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("inline"));
        assert!(headers["cache-control"].to_str().unwrap().starts_with("private"));
        assert!(!bytes.windows(3).any(|part| part == b"GPS"), "the place is still in it");
        let drawn = image::load_from_memory(&bytes).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (32, 64));
        let (status, _, thumb) = app.http.fetch(address(content, "thumb")).await;
        assert!(status == 200 && image::load_from_memory(&thumb).is_ok());
        let forged = address(content, "url").replace("&s=", "&s=A");
        assert_eq!(app.http.fetch(&forged).await.0, 403);
        let row = agent.get(&path_of(&conversation)).await.ok();
        assert_eq!(row["last"]["content"], "image");
        app.stop().await;
    }

    async fn staff_show_a_file_and_a_stranger_cannot_send_it(db: TestDb) {
        let app = TestApp::start(&db).await;
        let agent = app.agent("xiaoman").await;
        let mut buyer = Buyer::join(app.base(), SHOP, json!({})).await;
        let (stranger, elsewhere) = app.visitor().await;
        let uploads = format!("{}/attachments", path_of(&buyer.conversation));
        let file = b"%PDF-1.4 <script>alert(1)</script>".to_vec();
        let uploaded = up(&agent, &uploads, "../../小票.html", file.clone()).await;
        assert_eq!((&uploaded["t"], &uploaded["name"]), (&json!("file"), &json!("小票.html.pdf")));
        let path = format!("/widget/{SHOP}/entries");
        assert_eq!(stranger.post(&path, show(1, "file", &uploaded)).await.refused(404), "not_found");
        let other = format!("{}/entries", path_of(&elsewhere));
        assert_eq!(agent.post(&other, show(2, "file", &uploaded)).await.refused(404), "not_found");
        let entries = format!("{}/entries", path_of(&buyer.conversation));
        assert_eq!(agent.post(&entries, show(3, "image", &uploaded)).await.refused(400), "bad_request");
        agent.post(&entries, show(4, "file", &uploaded)).await.ok();
        let heard = buyer.socket.wait_for_entry("the file", |e| e["content"]["t"] == "file").await;
        let (status, headers, bytes) = app.http.fetch(address(&heard["content"], "url")).await;
        assert_eq!((status, bytes), (200, file));
        assert_eq!(headers["content-type"], "application/pdf");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
        app.stop().await;
    }

    async fn what_is_not_what_it_says_is_refused_and_leaves_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let spoilt = picture(40, 40, ImageFormat::Png)[..60].to_vec();
        for (name, bytes, status, code) in [
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>".to_vec(), 415, "type_refused"),
            ("a.png", b"<!doctype html><script>x()</script>".to_vec(), 415, "type_refused"),
            ("a.txt", b"look <svg onload=x()>".to_vec(), 415, "type_refused"),
            ("a.jpg", b"MZ\x90\0\x03".to_vec(), 415, "type_refused"),
            ("a.apk", archive("AndroidManifest.xml"), 415, "type_refused"),
            ("a.png", Vec::new(), 422, "bad_attachment"),
            ("a.png", spoilt, 422, "bad_attachment"),
            ("a.png", bomb(), 422, "bad_attachment"),
        ] {
            let answer = buyer.upload(BUYER, name, bytes).await;
            assert_eq!(answer.refused(status), code, "{name}");
        }
        let folder = data_dir(&app, &db).join("attachments");
        assert_eq!((kept(&folder), number(&app, ROWS).await), (Vec::new(), 0));
        // A picture that is a page as well is a picture and nothing else afterwards.
        let mut both = picture(40, 40, ImageFormat::Png);
        both.extend_from_slice(b"<script>x()</script>");
        let uploaded = up(&buyer, BUYER, "a.html", both).await;
        assert_eq!(uploaded["name"], "a.html.png");
        let (_, _, bytes) = app.http.fetch(address(&uploaded, "url")).await;
        assert!(!bytes.windows(7).any(|part| part == b"<script"));
        assert!(up(&buyer, BUYER, "a.zip", archive("readme.txt")).await["id"].is_string());
        app.stop().await;
    }

    async fn two_hundred_megabytes_are_cut_off_early(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.person("xiaoman", &[Role::Agent]).await;
        let token = app.sign_in("xiaoman").await;
        let (_, conversation) = app.visitor().await;
        let host = app.base().strip_prefix("http://").unwrap().to_owned();
        let head = format!(
            "POST /api/v1{}/attachments HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nx-file-name: a.pdf\r\n",
            path_of(&conversation),
        );
        let mut announced = tokio::net::TcpStream::connect(&host).await.unwrap();
        announced.write_all(format!("{head}content-length: 209715200\r\n\r\n%PDF-").as_bytes()).await.unwrap();
        assert!(answer(&mut announced).await.contains("413"), "before a byte of it is read");
        let mut silent = tokio::net::TcpStream::connect(&host).await.unwrap();
        silent.write_all(format!("{head}transfer-encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
        let chunk = [b"100000\r\n".to_vec(), b"%PDF-".repeat(209_716)[..1_048_576].to_vec(), b"\r\n".to_vec()].concat();
        let mut sent = 0;
        // The server stops reading and closes: writing fails long before all is sent.
        while sent < 200 && silent.write_all(&chunk).await.is_ok() {
            sent += 1;
        }
        assert!(sent < 100, "{sent} MB were taken");
        let folder = data_dir(&app, &db).join("attachments");
        crate::support::until("the part is gone", || async { kept(&folder) }, Vec::is_empty).await;
        assert_eq!(number(&app, ROWS).await, 0);
        app.stop().await;
    }

    async fn the_same_bytes_are_kept_once_and_as_long_as_somebody_needs_them(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let (other, _) = app.visitor().await;
        let bytes = picture(50, 40, ImageFormat::Png);
        let first = up(&buyer, BUYER, "a.png", bytes.clone()).await;
        assert_eq!(up(&buyer, BUYER, "a.png", bytes.clone()).await, first, "an upload is repeated without harm");
        let space = number(&app, SPACE).await;
        let theirs = up(&other, BUYER, "a.png", bytes.clone()).await;
        assert_ne!(theirs["id"], first["id"]);
        assert_eq!(number(&app, SPACE).await, space);
        let path = format!("/widget/{SHOP}/entries");
        let mine = buyer.post(&path, show(1, "image", &first)).await.ok();
        let stored = other.post(&path, show(2, "image", &theirs)).await.ok();
        let recall = |seq: &Value| format!("/widget/{SHOP}/entries/{seq}/recall");
        buyer.post(&recall(&mine["seq"]), json!({ "client_id": id(3) })).await.ok();
        assert_eq!(app.http.fetch(address(&first, "url")).await.0, 404);
        app.app().sweep_attachments().await.unwrap();
        let folder = data_dir(&app, &db).join("attachments");
        assert_eq!((kept(&folder).len(), number(&app, SPACE).await), (2, space));
        assert_eq!(app.http.fetch(address(&theirs, "url")).await.0, 200);
        other.post(&recall(&stored["seq"]), json!({ "client_id": id(4) })).await.ok();
        assert_eq!(app.app().sweep_attachments().await.unwrap(), space);
        assert_eq!((kept(&folder), number(&app, SPACE).await), (Vec::new(), 0));
        assert!(app.app().verify(app.shop().await.id).await.unwrap().broken.is_empty());
        app.stop().await;
    }

    async fn what_nobody_sent_is_swept_after_a_day(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let forgotten = up(&buyer, BUYER, "a.txt", b"lost".to_vec()).await;
        let sent = up(&buyer, BUYER, "b.txt", b"sent".to_vec()).await;
        buyer.post(&format!("/widget/{SHOP}/entries"), show(1, "file", &sent)).await.ok();
        app.clock.advance(Span::minutes(24 * 60 - 1));
        assert_eq!(app.app().sweep_attachments().await.unwrap(), 0);
        app.clock.advance(Span::minutes(2));
        assert_eq!(app.app().sweep_attachments().await.unwrap(), 4);
        let late = buyer.post(&format!("/widget/{SHOP}/entries"), show(2, "file", &forgotten)).await;
        assert_eq!(late.refused(404), "not_found");
        assert_eq!(number(&app, ROWS).await, 1);
        app.stop().await;
    }

    async fn a_shop_whose_room_is_used_up_takes_no_more_and_keeps_nothing(db: TestDb) {
        let app = TestApp::start(&db).await;
        app.app().set_setting(&*app.shop().await, "attachment_space_mb", "1").await.unwrap();
        let (buyer, _) = app.visitor().await;
        let file = |letter: u8| [b"%PDF-".to_vec(), vec![letter; 700_000]].concat();
        up(&buyer, BUYER, "a.pdf", file(b'a')).await;
        let refused = buyer.upload(BUYER, "b.pdf", file(b'b')).await;
        assert_eq!(refused.refused(507), "no_space");
        let folder = data_dir(&app, &db).join("attachments");
        assert_eq!((kept(&folder), number(&app, SPACE).await), (vec![700_005], 700_005));
        app.stop().await;
    }

    async fn too_many_uploads_in_a_minute_are_told_to_wait(db: TestDb) {
        let app = TestApp::start_with(&db, |config| config.limits.uploads_per_minute = 2).await;
        let (buyer, _) = app.visitor().await;
        for name in ["a.txt", "b.txt"] {
            up(&buyer, BUYER, name, b"words".to_vec()).await;
        }
        let refused = buyer.upload(BUYER, "c.txt", b"words".to_vec()).await;
        assert_eq!(refused.refused(429), "too_fast");
        assert!(refused.body["params"]["retry_ms"].as_i64().unwrap() > 0);
        app.stop().await;
    }

    async fn links_outlive_a_restart(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let uploaded = up(&buyer, BUYER, "a.txt", b"words".to_vec()).await;
        let app = app.restart(&db).await;
        let (status, _, bytes) = app.http.fetch(address(&uploaded, "url")).await;
        assert_eq!((status, bytes), (200, b"words".to_vec()));
        app.stop().await;
    }

    async fn a_backup_holds_every_attachment(db: TestDb) {
        let app = TestApp::start(&db).await;
        let (buyer, _) = app.visitor().await;
        let uploaded = up(&buyer, BUYER, "a.png", picture(30, 20, ImageFormat::Png)).await;
        buyer.post(&format!("/widget/{SHOP}/entries"), show(1, "image", &uploaded)).await.ok();
        let folder = data_dir(&app, &db);
        let backups = std::env::temp_dir().join(format!("xiaoer-files-{}", uploaded["id"].as_str().unwrap()));
        std::fs::create_dir_all(&backups).unwrap();
        let (target, chance) = (backups.join("one.tar.gz"), Chance::seeded(1));
        let made = back_up(&app.app().db, &folder, &target, app.clock.now(), &chance).await.unwrap();
        let parts: Vec<_> = made.manifest.parts.keys().filter(|name| name.starts_with("data/attachments/")).collect();
        assert_eq!(parts.len(), 2, "the picture and its small one: {parts:?}");
        std::fs::remove_dir_all(&backups).unwrap();
        app.stop().await;
    }
}

/// Everything the server says before it closes.
async fn answer(stream: &mut tokio::net::TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let read = tokio::time::timeout(std::time::Duration::from_secs(10), stream.read(&mut bytes));
    let long = read.await.expect("an answer comes at once").unwrap();
    String::from_utf8_lossy(&bytes[..long]).into_owned()
}

/// An archive that lists one empty file.
fn archive(name: &str) -> Vec<u8> {
    let long = u16::try_from(name.len()).unwrap().to_le_bytes();
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend_from_slice(&[0; 22]);
    bytes.extend_from_slice(&long);
    bytes.extend_from_slice(&[0; 2]);
    bytes.extend_from_slice(name.as_bytes());
    let start = u32::try_from(bytes.len()).unwrap().to_le_bytes();
    bytes.extend_from_slice(b"PK\x01\x02");
    bytes.extend_from_slice(&[0; 24]);
    bytes.extend_from_slice(&long);
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(name.as_bytes());
    bytes.extend_from_slice(b"PK\x05\x06");
    bytes.extend_from_slice(&start);
    bytes
}

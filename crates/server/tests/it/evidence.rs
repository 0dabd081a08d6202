//! Evidence: what was altered, taken out or moved in the database itself is noticed.

use serde_json::json;
use xiaoer_app::AppError;
use xiaoer_app::chat::Verified;
use xiaoer_store::{Sql, args};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::support::{TestApp, id};

const ALTER: Sql =
    Sql::in_test("UPDATE entry SET text = 'altered' WHERE shop_id = $1 AND text = 'three'");
const TAKE_OUT: Sql = Sql::in_test("DELETE FROM entry WHERE shop_id = $1 AND text = 'three'");

async fn verify(app: &TestApp) -> Verified {
    app.app().verify(app.shop().await.id).await.unwrap()
}

async fn meddle(app: &TestApp, with: Sql) {
    let shop = app.shop().await.id;
    let done = app.app().db.write(move |tx| {
        Box::pin(async move { Ok::<_, AppError>(tx.exec(with, args![shop]).await?) })
    });
    assert_eq!(done.await.unwrap(), 1);
}

both_dbs! {
    async fn an_altered_line_is_noticed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        for (number, text) in ["one", "two", "three", "four"].into_iter().enumerate() {
            buyer.say(&id(u32::try_from(number).unwrap()), text).await;
        }
        let before = verify(&app).await;
        assert_eq!((before.conversations, before.broken.len()), (1, 0));
        assert!(before.entries >= 5, "the session's opening is sealed too");
        meddle(&app, ALTER).await;
        let whats: Vec<_> = verify(&app).await.broken.iter().map(|b| b.what).collect();
        assert_eq!(whats, ["the content does not fit its digest"]);
    }

    async fn a_line_that_was_taken_out_is_noticed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let mut buyer = app.buyer().await;
        for (number, text) in ["one", "two", "three", "four"].into_iter().enumerate() {
            buyer.say(&id(u32::try_from(number).unwrap()), text).await;
        }
        meddle(&app, TAKE_OUT).await;
        let broken = verify(&app).await.broken;
        assert_eq!(broken[0].what, "a number is missing");
    }

    async fn an_attachment_with_other_bytes_or_none_is_noticed(db: TestDb) {
        let app = TestApp::start(&db).await;
        let buyer = app.buyer().await;
        let visitor = app.http.visitor(&buyer.token);
        for number in 0..2_u32 {
            let bytes = format!("receipt {number}").into_bytes();
            let file = visitor.upload("/widget/demo/attachments", "a.txt", bytes).await.ok();
            let shown = json!({ "client_id": id(number), "content": { "t": "file", "id": file["id"] } });
            visitor.post("/widget/demo/entries", shown).await.ok();
        }
        let before = verify(&app).await;
        assert_eq!((before.files, before.spoilt), (2, vec![]));
        let folder = db.folder().map_or_else(|| app.folder().to_path_buf(), std::path::Path::to_path_buf);
        let files = files_in(&folder.join("attachments"));
        assert_eq!(files.len(), 2);
        std::fs::write(&files[0], "receipt 9").unwrap();
        std::fs::remove_file(&files[1]).unwrap();
        let mut whats: Vec<_> = verify(&app).await.spoilt.iter().map(|spoilt| spoilt.what).collect();
        whats.sort_unstable();
        assert_eq!(whats, ["the bytes do not fit their digest", "the file is not there"]);
        app.stop().await;
    }
}

fn files_in(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let (folders, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| files_in(folder)));
    files
}

//! A read sees one moment and changes nothing.

use xiaoer_store::{StoreError, args};
use xiaoer_testkit::{TestDb, both_dbs};

use crate::{CREATE_PAIR, LIST_KEYS, exec, insert, insert_key, keys};

both_dbs! {
    async fn a_read_cannot_write(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let answer = db.read(|tx| Box::pin(insert(tx, 1))).await;
        assert!(answer.is_err());
        assert!(keys(&db).await.is_empty());
    }

    async fn a_read_sees_one_moment(db: TestDb) {
        exec(&db, CREATE_PAIR).await.unwrap();
        let writer = (*db).clone();
        let (before, after) = db.read(move |tx| Box::pin(async move {
            let before = tx.all(LIST_KEYS, args![]).await?.len();
            writer.write(insert_key(1)).await?;
            let after = tx.all(LIST_KEYS, args![]).await?.len();
            Ok::<_, StoreError>((before, after))
        })).await.unwrap();
        assert_eq!((before, after), (0, 0));
        assert_eq!(keys(&db).await.len(), 1);
    }
}

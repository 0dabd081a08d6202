//! Everything a shop has of a buyer, for the buyer who asks: one ZIP with a readable JSON and every attachment.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};
use xiaoer_domain::chat::{Content, Lane};
use xiaoer_domain::id::{BuyerId, ConversationId, PublicId, ShopId};
use xiaoer_domain::orders::Order;
use xiaoer_domain::private::Private;
use xiaoer_protocol::ErrorCode;
use xiaoer_store::chat::attachments::{self, Attachment};
use xiaoer_store::chat::{people, read};
use xiaoer_store::customers::{self as store, export};
use xiaoer_store::orders::{self, OrderPlace};
use zip::write::SimpleFileOptions;

use crate::platform::Shop;
use crate::platform::audit::{AuditKind, Note};
use crate::team::Proof;
use crate::{App, AppError};

/// Rows of one read.
const PAGE: i64 = 200;
/// The readable part.
const JSON_NAME: &str = "buyer.json";

/// A ZIP on its way out. Its file has no name any more and goes with it.
pub struct ExportFile {
    /// What it is stored as.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// Itself.
    pub file: std::fs::File,
}

impl App {
    /// Everything the shop has of a buyer, unmasked: lines of both lanes, attachments, orders, what was left, rated,
    /// noted, agreed to. Noted in the audit log before it is handed out.
    ///
    /// # Errors
    /// `not_found`; `unavailable` when the data folder cannot be written.
    pub async fn export_buyer(
        &self,
        shop: &Shop,
        id: ConversationId,
        _: &Proof,
    ) -> Result<ExportFile, AppError> {
        let buyer = self.buyer_of(shop.id, id).await?;
        let (note, shop_id) =
            (self.audit(Note::of(AuditKind::Exported).on(format!("byr_{buyer}"))), shop.id);
        let noted = self.db.write(move |tx| {
            let note = note.clone();
            Box::pin(async move { Ok::<_, AppError>(note.write(tx, shop_id).await?) })
        });
        noted.await?;
        let mut told = self.told_of(shop.id, buyer, id).await?;
        let (mut files, mut lanes) = (Vec::new(), json!({}));
        for lane in [Lane::Buyer, Lane::Staff] {
            lanes[lane.word()] = Value::Array(self.lane_of(shop.id, id, lane, &mut files).await?);
        }
        told["entries"] = lanes;
        told["orders"] = Value::Array(self.orders_of(shop.id, buyer).await?);
        told["shop"] = json!({ "key": shop.key, "name": shop.name });
        told["exported_at"] = self.clock.now().micros().into();
        let sources = self.sources(shop.id, files).await?;
        let path = self.scratch_file()?;
        let packed = tokio::task::spawn_blocking(move || pack(&path, &told, &sources)).await;
        let packed = packed.map_err(|_| AppError::refused(ErrorCode::Internal))?;
        let (file, bytes) = packed.map_err(|error| {
            tracing::error!(error = %error, "an export could not be written");
            AppError::refused(ErrorCode::Unavailable)
        })?;
        Ok(ExportFile { name: format!("{}-byr_{buyer}.zip", shop.key), bytes, file })
    }

    /// What stands beside lines and orders.
    async fn told_of(
        &self,
        shop: ShopId,
        buyer: BuyerId,
        id: ConversationId,
    ) -> Result<Value, AppError> {
        let read = self.db.read(move |tx| {
            Box::pin(async move {
                let who = people::get_buyer(tx, shop, buyer).await?;
                let since = store::since(tx, shop, buyer).await?;
                let remark = store::find_remark(tx, shop, buyer).await?;
                let consents = export::consents(tx, shop, buyer).await?;
                let left = export::left(tx, shop, id).await?;
                let ratings = export::ratings(tx, shop, id).await?;
                let calls = export::calls(tx, shop, id).await?;
                Ok::<_, AppError>((who, since, remark, consents, left, ratings, calls))
            })
        });
        let (who, since, remark, consents, left, ratings, calls) = read.await?;
        Ok(json!({
            "buyer": { "name": who.name, "ref": who.reference, "since": since.micros() },
            "remark": remark.map(|remark| json!({ "text": remark.text, "at": remark.at.micros() })),
            "consents": consents, "left_messages": left, "ratings": ratings, "calls": calls,
        }))
    }

    async fn lane_of(
        &self,
        shop: ShopId,
        id: ConversationId,
        lane: Lane,
        files: &mut Vec<(PublicId, String)>,
    ) -> Result<Vec<Value>, AppError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let read = self.db.read(move |tx| {
                Box::pin(async move { read::entries_after(tx, shop, id, lane, after, PAGE).await })
            });
            let page = read.await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.seq;
            for entry in page {
                let file = match &entry.content {
                    Some(Content::Image { id, name, .. } | Content::File { id, name, .. }) => {
                        let name = format!("attachments/{:04}-{}", entry.seq, plain(name));
                        files.push((*id, name.clone()));
                        Some(name)
                    }
                    _ => None,
                };
                let content = entry.content.as_ref().map(Content::sealed);
                let content: Option<Value> =
                    content.and_then(|json| serde_json::from_str(&json).ok());
                all.push(json!({
                    "seq": entry.seq, "at": entry.at.micros(), "kind": entry.kind.word(),
                    "by": entry.side.word(), "name": entry.author_name, "text": entry.text,
                    "content": content, "file": file, "code": entry.code,
                    "recalled": entry.recalled,
                }));
            }
        }
    }

    async fn orders_of(&self, shop: ShopId, buyer: BuyerId) -> Result<Vec<Value>, AppError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let read = self.db.read(move |tx| {
                Box::pin(async move { orders::list_orders(tx, shop, buyer, after, PAGE).await })
            });
            let (page, has_more) = read.await?;
            after = page.last().map(|last| OrderPlace { at: last.placed_at, id: last.id });
            all.extend(page.iter().map(whole_order));
            if !has_more {
                return Ok(all);
            }
        }
    }

    /// Where the bytes lie; what is gone meanwhile is left out.
    async fn sources(
        &self,
        shop: ShopId,
        files: Vec<(PublicId, String)>,
    ) -> Result<Vec<(PathBuf, String)>, AppError> {
        let mut sources = Vec::new();
        for (id, name) in files {
            let found: Option<Attachment> = self
                .db
                .read(move |tx| Box::pin(async move { attachments::find(tx, shop, id).await }))
                .await?;
            if let Some(found) = found {
                sources.push((self.file_path(shop, &found.whole)?, name));
            }
        }
        Ok(sources)
    }
}

/// An order with what is masked everywhere else.
fn whole_order(order: &Order) -> Value {
    let shown = xiaoer_protocol::orders::Order::from(order);
    let mut value = serde_json::to_value(shown).unwrap_or_default();
    let d = &order.details;
    let person = [
        ("nick", &d.nick),
        ("recipient", &d.recipient),
        ("phone", &d.phone),
        ("address", &d.address),
    ];
    for (name, text) in person {
        if let Some(text) = text {
            value["details"][name] = Private::reveal(text).into();
        }
    }
    value
}

/// A name that cannot leave its folder.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if matches!(c, '/' | '\\' | ':') || c.is_control() { '_' } else { c })
        .collect()
}

/// Writes the ZIP and takes its name away: when the last reader closes it, it is gone.
fn pack(
    path: &std::path::Path,
    told: &Value,
    sources: &[(PathBuf, String)],
) -> std::io::Result<(std::fs::File, u64)> {
    let file = crate::platform::blobs::create(path)?;
    let read_back = std::fs::File::open(path)?;
    std::fs::remove_file(path)?;
    let mut zip = zip::ZipWriter::new(file);
    // Pictures are packed already, and the rest is small.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file(JSON_NAME, options)?;
    serde_json::to_writer_pretty(&mut zip, told)?;
    zip.write_all(b"\n")?;
    for (source, name) in sources {
        match std::fs::File::open(source) {
            Ok(mut source) => {
                zip.start_file(name.as_str(), options)?;
                std::io::copy(&mut source, &mut zip)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let file = zip.finish()?;
    Ok((read_back, file.metadata()?.len()))
}

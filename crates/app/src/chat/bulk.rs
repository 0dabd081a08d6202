//! Tags, and acts on all conversations that a filter finds: a job that walks in small steps, remembers where it stands,
//! goes on after a restart and can be stopped between two steps. Doing a step again changes nothing: what is closed is
//! closed, what has the tag has it.

use std::collections::HashSet;

use xiaoer_domain::chat::ClientId;
use xiaoer_domain::id::{AccountId, BulkJobId, ConversationId, ShopId, TagId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::team::{Colleague, Role};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_protocol::chat::bulk as wire;
use xiaoer_protocol::{ErrorCode, id};
use xiaoer_store::chat::bulk::{self as store, StoredJob};

use super::Filter;
use crate::platform::audit::{AuditKind, Note};
use crate::team::Caller;
use crate::{App, AppError};

/// Conversations of one step: each is a short transaction of its own.
const STEP_ROWS: i64 = 20;
/// Characters of a tag.
const TAG_CHARS_MAX: usize = 24;
/// Tags of a shop that are listed, and of one conversation.
const TAGS_MAX: i64 = 500;
/// Jobs that a start goes on with.
const JOBS_MAX: i64 = 1000;

/// What a job needs to go on, stored with it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Order {
    body: wire::BulkBody,
    name: String,
    roles: Vec<String>,
}

/// One act, read.
#[derive(Clone, Copy)]
enum Act {
    Transfer(AccountId),
    Close,
    Tag(TagId),
    Untag(TagId),
}

impl App {
    /// Tags of the shop by name.
    ///
    /// # Errors
    /// The database.
    pub async fn tags(&self, shop: ShopId) -> Result<wire::Tags, AppError> {
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::tags(tx, shop, "", TAGS_MAX).await }));
        Ok(shown(read.await?))
    }

    /// Tags of a conversation.
    ///
    /// # Errors
    /// The database.
    pub async fn tags_of(&self, shop: ShopId, of: ConversationId) -> Result<wire::Tags, AppError> {
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::tags_of(tx, shop, of, TAGS_MAX).await }));
        Ok(shown(read.await?))
    }

    /// Puts a tag on a conversation, or takes it off.
    ///
    /// # Errors
    /// `bad_request` for what is no name; the database.
    pub async fn set_tag(
        &self,
        shop: ShopId,
        caller: &Caller,
        of: ConversationId,
        body: &wire::TagBody,
    ) -> Result<wire::Tags, AppError> {
        let (name, on) = (tag_name(&body.name)?, body.on);
        let (by, now) = (caller.sender.account, self.clock.now());
        let write = self.db.write(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                let tag = store::add_tag(tx, shop, &name, now).await?;
                if on {
                    store::put_tag(tx, shop, of, tag, by, now).await?;
                } else {
                    store::drop_tag(tx, shop, of, tag).await?;
                }
                store::tags_of(tx, shop, of, TAGS_MAX).await
            })
        });
        let tags = shown(write.await?);
        self.tell_row(shop, of).await?;
        Ok(tags)
    }

    /// Which of some rows carry a tag.
    pub(super) async fn tagged(
        &self,
        shop: ShopId,
        tag: Option<TagId>,
        among: Vec<ConversationId>,
    ) -> Result<Option<HashSet<ConversationId>>, AppError> {
        let Some(tag) = tag else { return Ok(None) };
        let read = self
            .db
            .read(move |tx| Box::pin(async move { store::tagged(tx, shop, tag, among).await }));
        Ok(Some(read.await?.into_iter().collect()))
    }

    /// Begins to act on everything that fits now.
    ///
    /// # Errors
    /// `bad_request` with the field; the database.
    pub async fn begin_bulk(
        &self,
        shop: ShopId,
        caller: &Caller,
        body: &wire::BulkBody,
    ) -> Result<wire::BulkJob, AppError> {
        let client_id = ClientId::parse(&body.client_id)?.as_str().to_owned();
        read_filter(&body.which)?;
        let name = match body.act.as_str() {
            "tag" | "untag" => Some(tag_name(body.tag.as_deref().unwrap_or_default())?),
            "transfer" => {
                let to = body.to.as_deref().and_then(id::parse_account);
                to.ok_or_else(|| AppError::bad_field("to"))?;
                None
            }
            "close" => None,
            _ => return Err(AppError::bad_field("act")),
        };
        let now = self.clock.now();
        let mut body = body.clone();
        body.tag = name;
        body.which.until = Some(body.which.until.unwrap_or(i64::MAX).min(now.micros() + 1));
        let order = Order {
            body,
            name: caller.sender.name.clone(),
            roles: caller.roles.iter().map(|role| role.word().to_owned()).collect(),
        };
        let document =
            serde_json::to_string(&order).map_err(|_| AppError::refused(ErrorCode::Internal))?;
        let note = self.audit(Note::of(AuditKind::BulkBegun).on(&*order.body.act));
        let account = caller.sender.account;
        let write = self.db.write(move |tx| {
            let (client_id, document, note) = (client_id.clone(), document.clone(), note.clone());
            Box::pin(async move {
                let made = store::insert_job(tx, shop, account, &client_id, &document, now).await?;
                if made.is_some() {
                    note.write(tx, shop).await?;
                }
                let job = store::job_by_client(tx, shop, account, &client_id).await?;
                let job = job.ok_or_else(|| AppError::refused(ErrorCode::Internal))?;
                Ok::<_, AppError>((job, made.is_some()))
            })
        });
        let (job, is_new) = write.await?;
        if is_new {
            self.go_on(job.clone());
        }
        job_shown(&job)
    }

    /// How far a job is.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn bulk_job(&self, shop: ShopId, job: BulkJobId) -> Result<wire::BulkJob, AppError> {
        let read =
            self.db.read(move |tx| Box::pin(async move { store::find_job(tx, shop, job).await }));
        job_shown(&read.await?.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?)
    }

    /// Stops a job before its next step. What is done stays done.
    ///
    /// # Errors
    /// `not_found`; the database.
    pub async fn cancel_bulk(
        &self,
        shop: ShopId,
        job: BulkJobId,
    ) -> Result<wire::BulkJob, AppError> {
        self.end_bulk(shop, job, "cancelled").await?;
        self.bulk_job(shop, job).await
    }

    /// Goes on with what a stop interrupted.
    ///
    /// # Errors
    /// The database.
    pub async fn resume_bulk(&self) -> Result<(), AppError> {
        let read = self.db.read(|tx| {
            Box::pin(async move { store::running(tx, BulkJobId::new(0), JOBS_MAX).await })
        });
        for job in read.await? {
            self.go_on(job);
        }
        Ok(())
    }

    fn go_on(&self, job: StoredJob) {
        let app = self.clone();
        self.tasks.once(async move {
            let (shop, id) = (job.shop, job.id);
            if let Err(error) = app.walk(job).await {
                tracing::error!(error = %error, bulk.job = id.get(), "a bulk job failed");
                if let Err(error) = app.end_bulk(shop, id, "failed").await {
                    tracing::error!(error = %error, bulk.job = id.get(), "its end was not stored");
                }
            }
        });
    }

    async fn walk(&self, job: StoredJob) -> Result<(), AppError> {
        let order: Order = serde_json::from_str(&job.document)
            .map_err(|_| AppError::refused(ErrorCode::Internal))?;
        let filter = read_filter(&order.body.which)?;
        let act = self.read_act(job.shop, &order.body).await?;
        let actor = Colleague { account: job.account, name: order.name };
        let roles: Vec<Role> = order.roles.iter().filter_map(|word| Role::parse(word)).collect();
        let stop = self.tasks.stopping();
        let (shop, id) = (job.shop, job.id);
        let mut place = job.place;
        while !stop.is_cancelled() {
            let page = self.filtered_rows(shop, &filter, place.as_deref(), STEP_ROWS).await?;
            let (seen, mut done) = (i64::try_from(page.rows.len()).unwrap_or(0), 0);
            for row in &page.rows {
                let Some(public) = id::parse_public(id::CONVERSATION, &row.conversation) else {
                    continue;
                };
                let conversation = self.find_conversation(shop, public).await?;
                done += i64::from(self.act_on(shop, conversation, act, &actor, &roles).await?);
            }
            let next = page.next.clone();
            let write = self.db.write(move |tx| {
                let next = next.clone();
                Box::pin(
                    async move { store::step(tx, shop, id, next.as_deref(), seen, done).await },
                )
            });
            if !write.await? {
                return Ok(());
            }
            if page.next.is_none() {
                return self.end_bulk(shop, id, "done").await;
            }
            place = page.next;
        }
        Ok(())
    }

    async fn read_act(&self, shop: ShopId, body: &wire::BulkBody) -> Result<Act, AppError> {
        let tag = match body.tag.clone() {
            None => None,
            Some(name) => {
                let now = self.clock.now();
                let write = self.db.write(move |tx| {
                    let name = name.clone();
                    Box::pin(async move { store::add_tag(tx, shop, &name, now).await })
                });
                Some(write.await?)
            }
        };
        Ok(match (body.act.as_str(), tag) {
            ("tag", Some(tag)) => Act::Tag(tag),
            ("untag", Some(tag)) => Act::Untag(tag),
            ("close", _) => Act::Close,
            _ => {
                let to = body.to.as_deref().and_then(id::parse_account);
                Act::Transfer(to.ok_or_else(|| AppError::bad_field("to"))?)
            }
        })
    }

    /// Whether the act changed something. What the rules refuse is left as it is; a database that does not answer ends the job.
    async fn act_on(
        &self,
        shop: ShopId,
        of: ConversationId,
        act: Act,
        actor: &Colleague,
        roles: &[Role],
    ) -> Result<bool, AppError> {
        let (by, now) = (actor.account, self.clock.now());
        let result = match act {
            Act::Close => self.close(shop, of, actor).await.map(|()| true),
            Act::Transfer(to) => {
                self.hand_over(shop, of, actor, roles, to, None).await.map(|()| true)
            }
            Act::Tag(tag) => {
                let write = self.db.write(move |tx| {
                    Box::pin(async move { store::put_tag(tx, shop, of, tag, by, now).await })
                });
                write.await.map_err(AppError::from)
            }
            Act::Untag(tag) => {
                let write = self.db.write(move |tx| {
                    Box::pin(async move { store::drop_tag(tx, shop, of, tag).await })
                });
                write.await.map_err(AppError::from)
            }
        };
        match result {
            Err(AppError::Refused { .. }) => Ok(false),
            other => other,
        }
    }

    async fn end_bulk(
        &self,
        shop: ShopId,
        id: BulkJobId,
        state: &'static str,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let write = self
            .db
            .write(move |tx| Box::pin(async move { store::end(tx, shop, id, state, now).await }));
        Ok(write.await.map(drop)?)
    }
}

fn tag_name(text: &str) -> Result<String, AppError> {
    let name = text.trim();
    let fits = (1..=TAG_CHARS_MAX).contains(&name.chars().count());
    let plain = !name.chars().any(char::is_control);
    (fits && plain).then(|| name.to_owned()).ok_or_else(|| AppError::bad_field("tag"))
}

fn read_filter(which: &wire::BulkFilter) -> Result<Filter, AppError> {
    let stage = which.stage.as_deref();
    let stage = stage.map(|word| Stage::parse(word).ok_or_else(|| AppError::bad_field("stage")));
    let agent = which.agent.as_deref();
    let agent =
        agent.map(|text| id::parse_account(text).ok_or_else(|| AppError::bad_field("agent")));
    Ok(Filter {
        open: which.open,
        unread: which.unread,
        stage: stage.transpose()?,
        waited: which.waited_s.map(Span::seconds),
        agent: agent.transpose()?,
        tag: which.tag.map(TagId::new),
        from: which.from.map(Timestamp::from_micros),
        until: which.until.map(Timestamp::from_micros),
    })
}

fn shown(tags: Vec<(TagId, String)>) -> wire::Tags {
    let tag = |(id, name): (TagId, String)| wire::Tag { id: id.get(), name };
    wire::Tags { tags: tags.into_iter().map(tag).collect() }
}

fn job_shown(job: &StoredJob) -> Result<wire::BulkJob, AppError> {
    let order: Order =
        serde_json::from_str(&job.document).map_err(|_| AppError::refused(ErrorCode::Internal))?;
    Ok(wire::BulkJob {
        id: job.id.get(),
        act: order.body.act,
        state: job.state.clone(),
        seen: job.seen,
        done: job.done,
        at: job.created_at.micros(),
        finished_at: job.finished_at.map(Timestamp::micros),
    })
}

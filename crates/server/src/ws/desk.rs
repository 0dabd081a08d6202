//! A desk's connection: rows of the own lists, and both lanes of the conversations it watches.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;
use xiaoer_app::AppError;
use xiaoer_app::chat::{Act, Command, Page, Speaker};
use xiaoer_app::phrases::Named;
use xiaoer_app::platform::Shop;
use xiaoer_app::quality::Guarding;
use xiaoer_app::team::Caller;
use xiaoer_bus::{Event, EventKind, Mail, Mailbox, Slot, Topic};
use xiaoer_domain::chat::{ClientId, Lane};
use xiaoer_domain::id::ConversationId;
use xiaoer_domain::team::{Right, may};
use xiaoer_protocol::chat::ShopName;
use xiaoer_protocol::frames::{DeskWelcome, FromDesk, ToClient, VERSION, close};
use xiaoer_protocol::{ErrorCode, id};

use super::{Line, Stop, Upgrade, bounded, logged, parse, parse_send, until_tick};
use crate::Server;
use crate::connections::Owner;
use crate::error::ApiError;
use crate::gate::{self, Anybody};
use crate::routes::{limits, me};

/// Rows that changed are told at most this often.
const ROWS_EVERY: Duration = Duration::from_millis(100);
/// Desks of one agent.
const DESKS_MAX: usize = 8;

/// Upgrades to a desk's connection. Who calls is settled by the cookie, or else by the first frame.
pub async fn upgrade(
    _: Anybody,
    State(server): State<Server>,
    mut parts: Parts,
    upgrade: Upgrade,
) -> Response {
    let shop = match gate::shop_of(&mut parts, &server).await {
        Ok(shop) => shop,
        Err(error) => return error.into_response(),
    };
    let token = match gate::staff_token(&parts, &server) {
        Ok(token) => Some(token),
        Err(ApiError(error)) if error.code() == ErrorCode::NotSignedIn => None,
        Err(error) => return error.into_response(),
    };
    bounded(upgrade, &server).on_upgrade(move |socket| serve(server, shop, token, socket))
}

async fn serve(server: Server, shop: Arc<Shop>, token: Option<String>, socket: WebSocket) {
    let mut line = Line::new(socket, &server, server.app.limits.desk_sends_per_second);
    let session = match Box::pin(Session::begin(&server, shop, token, &mut line)).await {
        Ok(session) => session,
        Err(stop) => return Box::pin(line.close(stop)).await,
    };
    let stop = Box::new(session).run(&mut line).await;
    Box::pin(line.close(stop)).await;
}

struct Watch {
    conversation: String,
    sent: i64,
    staff_sent: i64,
}

struct Session {
    server: Server,
    shop: Arc<Shop>,
    caller: Caller,
    token: String,
    mailbox: Arc<Mailbox>,
    watches: HashMap<ConversationId, Watch>,
    rows: HashSet<ConversationId>,
    rows_due: Instant,
    has_wall: bool,
}

impl Drop for Session {
    fn drop(&mut self) {
        let bus = self.server.app.bus.clone();
        for topic in self.own_topics() {
            bus.leave(topic, &self.mailbox);
        }
        if self.has_wall {
            bus.leave(Topic::Wall(self.shop.id), &self.mailbox);
        }
        for id in self.watches.keys() {
            bus.leave(Topic::Conversation(self.shop.id, *id), &self.mailbox);
            bus.leave(Topic::Staff(self.shop.id, *id), &self.mailbox);
        }
        if self.server.connections.leave(self.owner(), &self.mailbox) {
            self.say_gone_later();
        }
    }
}

impl Session {
    async fn begin(
        server: &Server,
        shop: Arc<Shop>,
        cookie: Option<String>,
        line: &mut Line,
    ) -> Result<Self, Stop> {
        let FromDesk::Hello { v, token, lang: _ } = line.hello().await? else {
            return Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest));
        };
        if v != VERSION {
            return Err(Stop::refused(close::BAD_FRAME, ErrorCode::UnsupportedVersion));
        }
        let token = cookie.or(token);
        let token =
            token.ok_or_else(|| Stop::refused(close::NOT_SIGNED_IN, ErrorCode::NotSignedIn))?;
        let caller = gate::staff(server, &shop, &token, Right::ReadConversations).await;
        let caller = caller.map_err(|ApiError(error)| Stop::app(&error))?;
        let session = Self {
            server: server.clone(),
            shop,
            caller,
            token,
            mailbox: Mailbox::new(),
            watches: HashMap::new(),
            rows: HashSet::new(),
            rows_due: Instant::now(),
            has_wall: false,
        };
        for topic in session.own_topics() {
            server.app.bus.listen(topic, &session.mailbox);
        }
        server.connections.enter(session.owner(), &session.mailbox, DESKS_MAX);
        let (shop, account) = (session.shop.id, session.caller.sender.account);
        let me = me(server, &session.shop, &session.caller).await?;
        let welcome = DeskWelcome {
            t: "welcome".to_owned(),
            v: VERSION,
            now: server.app.clock.now().micros(),
            me,
            shop: ShopName { key: session.shop.key.clone(), name: session.shop.name.clone() },
            rows: server.app.desk_rows(shop, account).await?,
            limits: limits(server, &session.shop, server.app.limits.desk_sends_per_second),
        };
        line.tell(&welcome).await?;
        Ok(session)
    }

    fn own_topics(&self) -> [Topic; 2] {
        [Topic::Desk(self.shop.id), Topic::Agent(self.shop.id, self.caller.sender.account)]
    }

    fn owner(&self) -> Owner {
        Owner::Desk(self.shop.id, self.caller.sender.account)
    }

    async fn run(mut self: Box<Self>, line: &mut Line) -> Stop {
        let mut tick = Instant::now() + until_tick(&self.server);
        loop {
            if let Err(stop) = line.flush().await {
                return stop;
            }
            let may_read = line.may_read();
            let has_rows = !self.rows.is_empty();
            let step = tokio::select! {
                text = line.text(), if may_read => match text {
                    Ok(Some(text)) => Box::pin(self.frame(line, &text)).await,
                    Ok(None) => Ok(()),
                    Err(stop) => Err(stop),
                },
                () = self.mailbox.wait() => Box::pin(self.deliver(line)).await,
                () = tokio::time::sleep_until(self.rows_due), if has_rows => Box::pin(self.tell_rows(line)).await,
                () = tokio::time::sleep_until(tick) => {
                    tick += until_tick(&self.server);
                    Box::pin(self.tick(line)).await
                }
            };
            if let Err(stop) = step {
                return stop;
            }
        }
    }

    async fn frame(&mut self, line: &mut Line, text: &str) -> Result<(), Stop> {
        match parse::<FromDesk>(text)? {
            FromDesk::Hello { .. } => Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest)),
            FromDesk::Ping => {
                line.tell(&ToClient::Pong { now: self.server.app.clock.now().micros() }).await
            }
            FromDesk::Watch { conversation, after, staff_after } => {
                let watched = self.watch(line, conversation, after, staff_after).await;
                self.or_tell(line, watched).await
            }
            FromDesk::Unwatch { conversation } => {
                let id = self
                    .watches
                    .iter()
                    .find(|(_, w)| w.conversation == conversation)
                    .map(|(id, _)| *id);
                if let Some(id) = id {
                    self.watches.remove(&id);
                    self.server.app.bus.leave(Topic::Conversation(self.shop.id, id), &self.mailbox);
                    self.server.app.bus.leave(Topic::Staff(self.shop.id, id), &self.mailbox);
                }
                Ok(())
            }
            FromDesk::Wall { on } => {
                let shown = self.show_wall(line, on).await;
                self.or_tell(line, shown).await
            }
            FromDesk::Read { conversation, seq } => {
                let read = async {
                    let id = self.find(&conversation).await?;
                    Ok(self.server.app.staff_read(self.shop.id, id, seq).await.map(|_| ())?)
                };
                let read = read.await;
                self.or_tell(line, read).await
            }
            FromDesk::Send { conversation, lane, id, text, content, confirmed, reason, phrase } => {
                let checked = parse_send(&self.server, &id, &text, content.as_ref());
                let checked = checked.and_then(|(client_id, act)| {
                    let guarding = Guarding::confirmed(&confirmed, reason.as_deref())?;
                    Ok((client_id, act, guarding, Named::of(phrase)))
                });
                self.send(line, &conversation, lane, id, checked).await
            }
            FromDesk::Recall { conversation, lane, id, seq } => {
                let checked = ClientId::parse(&id).map_err(AppError::from);
                let checked = checked.map(|cid| (cid, Act::Recall(seq), Guarding::default(), None));
                self.send(line, &conversation, lane, id, checked).await
            }
        }
    }

    /// A refusal that the client can act on is told without ending the connection.
    async fn or_tell(&self, line: &mut Line, result: Result<(), Refused>) -> Result<(), Stop> {
        match result {
            Ok(()) => Ok(()),
            Err(Refused::App(error)) => line.tell(&ToClient::Error { error: logged(&error) }).await,
            Err(Refused::Stop(stop)) => Err(stop),
        }
    }

    async fn send(
        &mut self,
        line: &mut Line,
        conversation: &str,
        lane: Option<String>,
        id: String,
        checked: Result<(ClientId, Act, Guarding, Option<Named>), AppError>,
    ) -> Result<(), Stop> {
        if !line.may_send(&id).await? {
            return Ok(());
        }
        let command = async {
            let (client_id, act, guarding, phrase) = checked?;
            if !may(&self.caller.roles, Right::ServeBuyers) {
                return Err(AppError::forbidden(Right::ServeBuyers));
            }
            Ok(Command {
                shop: self.shop.id,
                rules: self.shop.rules(self.server.app.clock.now()),
                conversation: self.find(conversation).await?,
                by: Speaker::Staff(self.caller.sender.clone()),
                lane: parse_lane(lane.as_deref())?,
                client_id,
                act,
                guarding,
                phrase,
            })
        };
        match command.await {
            Ok(command) => line.queue(&self.server, &self.mailbox, id, command).await,
            Err(error) => line.tell(&ToClient::Nack { id, error: logged(&error) }).await?,
        }
        Ok(())
    }

    async fn find(&self, conversation: &str) -> Result<ConversationId, AppError> {
        if let Some((id, _)) = self.watches.iter().find(|(_, w)| w.conversation == conversation) {
            return Ok(*id);
        }
        let public = id::parse_public(id::CONVERSATION, conversation);
        let public = public.ok_or_else(|| AppError::bad_field("conversation"))?;
        self.server.app.find_conversation(self.shop.id, public).await
    }

    async fn watch(
        &mut self,
        line: &mut Line,
        conversation: String,
        after: i64,
        staff_after: i64,
    ) -> Result<(), Refused> {
        let id = self.find(&conversation).await?;
        let max = self.server.app.limits.watched_max;
        if !self.watches.contains_key(&id) {
            if self.watches.len() >= max {
                let params = Some(serde_json::json!({ "limit": "watched_max", "max": max }));
                return Err(AppError::Refused { code: ErrorCode::TooMany, params }.into());
            }
            self.server.app.bus.listen(Topic::Conversation(self.shop.id, id), &self.mailbox);
            self.server.app.bus.listen(Topic::Staff(self.shop.id, id), &self.mailbox);
        }
        self.watches
            .insert(id, Watch { conversation, sent: after.max(0), staff_sent: staff_after.max(0) });
        self.catch_up(line, id, Lane::Buyer, true).await?;
        self.catch_up(line, id, Lane::Staff, true).await?;
        Ok(())
    }

    /// Shows the live wall at once and each time it is painted, or no longer.
    async fn show_wall(&mut self, line: &mut Line, on: bool) -> Result<(), Refused> {
        let topic = Topic::Wall(self.shop.id);
        if on && !may(&self.caller.roles, Right::SteerRouting) {
            return Err(AppError::forbidden(Right::SteerRouting).into());
        }
        let bus = &self.server.app.bus;
        match (on, self.has_wall) {
            (true, false) => bus.listen(topic, &self.mailbox),
            (false, true) => bus.leave(topic, &self.mailbox),
            _ => return Ok(()),
        }
        self.has_wall = on;
        if on {
            let wall = Box::new(self.server.app.wall(self.shop.id).await?);
            line.tell(&ToClient::Wall { wall }).await?;
        }
        Ok(())
    }

    async fn deliver(&mut self, line: &mut Line) -> Result<(), Stop> {
        for mail in self.mailbox.take()? {
            match mail {
                Mail::Reply(frame)
                | Mail::Slot(
                    Slot::Marks(_, frame) | Slot::Draft(_, _, frame) | Slot::Wall(frame),
                ) => {
                    line.write(frame).await?;
                }
                Mail::Event(Event {
                    conversation: Some(id),
                    kind: EventKind::Entry { lane, seq, frame, desk },
                }) => {
                    let Some(watch) = self.watches.get_mut(&id) else { continue };
                    let sent = watch.sent_mut(lane);
                    if seq == *sent + 1 {
                        *sent = seq;
                        line.write(desk.unwrap_or(frame)).await?;
                    } else if seq > *sent {
                        self.catch_up(line, id, lane, false).await?;
                    }
                }
                Mail::Event(Event {
                    kind:
                        EventKind::State(frame) | EventKind::Overtime(frame) | EventKind::Erased(frame),
                    ..
                }) => line.write(frame).await?,
                Mail::Slot(Slot::Row(id)) => {
                    self.rows.insert(id);
                }
                Mail::Event(_) | Mail::Slot(Slot::Duty(_) | Slot::Place(..)) => {}
            }
        }
        Ok(())
    }

    /// Tells the rows that changed, then rests for a moment.
    async fn tell_rows(&mut self, line: &mut Line) -> Result<(), Stop> {
        let changed = std::mem::take(&mut self.rows).into_iter().collect();
        for row in self.server.app.rows_of(self.shop.id, changed).await? {
            line.tell(&ToClient::Row { row: Box::new(row) }).await?;
        }
        self.rows_due = Instant::now() + ROWS_EVERY;
        Ok(())
    }

    /// Sends the gap of a lane, page by page; `even_empty` sends one page in any case.
    async fn catch_up(
        &mut self,
        line: &mut Line,
        id: ConversationId,
        lane: Lane,
        even_empty: bool,
    ) -> Result<(), Stop> {
        let mut first = even_empty;
        loop {
            let Some(watch) = self.watches.get_mut(&id) else { return Ok(()) };
            let (app, after) = (&self.server.app, *watch.sent_mut(lane));
            let page = Page::After(after);
            let max = app.limits.page_entries_max;
            let page = app.entries_at_desk(self.shop.id, id, lane, page, max).await?;
            let last = page.entries.last().map(|e| e.seq);
            if last.is_none() && !first {
                return Ok(());
            }
            let (last_seq, conversation) = (page.last_seq, watch.conversation.clone());
            // A client that claims more than there is is brought back to what there is.
            *watch.sent_mut(lane) = last.unwrap_or(after.min(last_seq));
            let lane_word = lane.word().to_owned();
            line.tell(&ToClient::Entries {
                conversation,
                lane: lane_word,
                entries: page.entries,
                last_seq,
            })
            .await?;
            first = false;
            if last.is_none_or(|last| last >= last_seq) {
                return Ok(());
            }
        }
    }

    /// Now and then: a sign of life, the sign-in and the rights again, the lease, and the heads of what is watched.
    async fn tick(&mut self, line: &mut Line) -> Result<(), Stop> {
        line.tick().await?;
        let caller =
            gate::staff(&self.server, &self.shop, &self.token, Right::ReadConversations).await;
        self.caller = caller.map_err(|ApiError(error)| Stop::app(&error))?;
        if may(&self.caller.roles, Right::ServeBuyers) {
            self.server.app.desk_is_here(self.shop.id, self.caller.sender.account).await?;
        }
        let watched = self.watches.keys().copied().collect();
        for heads in self.server.app.heads_of(self.shop.id, watched).await? {
            for (lane, head) in [(Lane::Buyer, heads.last_seq), (Lane::Staff, heads.staff_seq)] {
                let watch = self.watches.get_mut(&heads.id);
                if watch.is_some_and(|watch| *watch.sent_mut(lane) < head) {
                    self.catch_up(line, heads.id, lane, false).await?;
                }
            }
        }
        Ok(())
    }

    /// The last desk closed: unless one comes back in time, or goes on without a socket, the agent is no longer there.
    fn say_gone_later(&self) {
        let (server, owner) = (self.server.clone(), self.owner());
        let (shop, account) = (self.shop.id, self.caller.sender.account);
        let (stop, left_at) = (server.app.tasks.stopping(), server.app.clock.now());
        let back = server.config.waits.back;
        self.server.app.tasks.once(async move {
            tokio::select! {
                () = tokio::time::sleep(back) => {}
                () = stop.cancelled() => {}
            }
            if !server.connections.is_here(owner)
                && let Err(error) = server.app.desk_is_gone(shop, account, left_at).await
            {
                tracing::warn!(
                    error = crate::error::chain(&error),
                    "an agent's state was not ended; its lease will"
                );
            }
        });
    }
}

impl Watch {
    fn sent_mut(&mut self, lane: Lane) -> &mut i64 {
        match lane {
            Lane::Buyer => &mut self.sent,
            Lane::Staff => &mut self.staff_sent,
        }
    }
}

/// Why a frame was not carried out.
enum Refused {
    App(AppError),
    Stop(Stop),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// Reads the word of a lane; without one it is the buyer's.
pub fn parse_lane(word: Option<&str>) -> Result<Lane, AppError> {
    Lane::from_word(word.unwrap_or("buyer")).ok_or_else(|| AppError::bad_field("lane"))
}

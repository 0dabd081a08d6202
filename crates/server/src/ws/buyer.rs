//! A buyer's connection.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocket;
use axum::response::Response;
use xiaoer_app::chat::{Act, BuyerCaller, Command, Page, Speaker};
use xiaoer_app::platform::Shop;
use xiaoer_app::quality::Guarding;
use xiaoer_bus::{Event, EventKind, Mail, Mailbox, Slot, Topic};
use xiaoer_domain::chat::{ClientId, Lane};
use xiaoer_protocol::ErrorCode;
use xiaoer_protocol::chat::{BuyerWelcome, Marks, Reception, ShopName};
use xiaoer_protocol::frames::{FromBuyer, ToClient, VERSION, close};

use super::{Line, Stop, Upgrade, bounded, logged, parse, parse_send, until_tick};
use crate::Server;
use crate::connections::Owner;
use crate::gate::Guest;
use crate::routes::{limits, no_flood, viewing};

/// Upgrades to a buyer's connection.
pub async fn upgrade(guest: Guest, State(server): State<Server>, upgrade: Upgrade) -> Response {
    bounded(upgrade, &server).on_upgrade(move |socket| serve(server, guest.shop, socket))
}

async fn serve(server: Server, shop: Arc<Shop>, socket: WebSocket) {
    let mut line = Line::new(socket, &server, server.app.limits.buyer_sends_per_second);
    // Boxed, so that an idle connection's task holds only what it needs while it waits.
    let session = match Box::pin(Session::begin(&server, &shop, &mut line)).await {
        Ok(session) => session,
        Err(stop) => return Box::pin(line.close(stop)).await,
    };
    let (caller, owner) = (session.caller, session.owner());
    let stop = Box::new(session).run(&mut line).await;
    Box::pin(line.close(stop)).await;
    if !server.connections.is_here(owner)
        && let Err(error) = server.app.buyer_left(caller).await
    {
        tracing::warn!(error = %error, "that a buyer left the queue was not noted");
    }
}

struct Session {
    server: Server,
    shop: Arc<Shop>,
    caller: BuyerCaller,
    conversation: String,
    mailbox: Arc<Mailbox>,
    /// Highest number that the client was sent without a gap.
    sent: i64,
    reception: Reception,
    /// Head of the log that the reception is at least as new as.
    reception_head: i64,
    token: Option<String>,
}

impl Drop for Session {
    fn drop(&mut self) {
        for topic in self.topics() {
            self.server.app.bus.leave(topic, &self.mailbox);
        }
        self.server.connections.leave(self.owner(), &self.mailbox);
    }
}

impl Session {
    async fn begin(server: &Server, shop: &Arc<Shop>, line: &mut Line) -> Result<Self, Stop> {
        let FromBuyer::Hello { v, token, identity, lang: _, after } = line.hello().await? else {
            return Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest));
        };
        if v != VERSION {
            return Err(Stop::refused(close::BAD_FRAME, ErrorCode::UnsupportedVersion));
        }
        let arrival = server.app.arrive(shop, token.as_deref(), identity.as_deref()).await?;
        let mut session = Self {
            server: server.clone(),
            shop: Arc::clone(shop),
            caller: arrival.caller,
            conversation: arrival.conversation,
            mailbox: Mailbox::new(),
            // Its client may still count for the conversation before.
            sent: if arrival.starts_anew { 0 } else { after.max(0) },
            reception: arrival.reception,
            reception_head: arrival.last_seq,
            token: arrival.token.clone().or(token),
        };
        // Listen first, read then: what is committed in between is either read or heard.
        for topic in session.topics() {
            server.app.bus.listen(topic, &session.mailbox);
        }
        let max = server.app.limits.connections_per_visitor;
        server.connections.enter(session.owner(), &session.mailbox, max);
        let conversation = session.caller.conversation;
        let heads = server.app.heads(shop.id, conversation).await?;
        session.reception = server.app.reception(shop.id, conversation).await?;
        session.reception_head = heads.last_seq;
        if session.reception.state == "queued" {
            server.app.buyer_is_back(session.caller).await?;
        }
        let welcome = BuyerWelcome {
            v: VERSION,
            now: server.app.clock.now().micros(),
            token: arrival.token,
            shop: ShopName { key: shop.key.clone(), name: shop.name.clone() },
            conversation: session.conversation.clone(),
            buyer: arrival.buyer,
            last_seq: heads.last_seq,
            marks: Marks { buyer: heads.buyer_read_seq, staff: heads.staff_read_seq },
            reception: session.reception.clone(),
            limits: limits(server, shop, server.app.limits.buyer_sends_per_second),
        };
        line.tell(&ToClient::BuyerWelcome(Box::new(welcome))).await?;
        if session.sent > heads.last_seq {
            // A client that claims more than there is starts anew.
            session.sent = 0;
        }
        session.catch_up(line).await?;
        Ok(session)
    }

    fn topics(&self) -> [Topic; 2] {
        [Topic::Conversation(self.shop.id, self.caller.conversation), Topic::Duty(self.shop.id)]
    }

    fn owner(&self) -> Owner {
        Owner::Visitor(self.shop.id, self.caller.visitor)
    }

    async fn run(mut self: Box<Self>, line: &mut Line) -> Stop {
        let mut tick = tokio::time::Instant::now() + until_tick(&self.server);
        loop {
            if let Err(stop) = line.flush().await {
                return stop;
            }
            let may_read = line.may_read();
            let step = tokio::select! {
                text = line.text(), if may_read => match text {
                    Ok(Some(text)) => Box::pin(self.frame(line, &text)).await,
                    Ok(None) => Ok(()),
                    Err(stop) => Err(stop),
                },
                () = self.mailbox.wait() => Box::pin(self.deliver(line)).await,
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
        match parse::<FromBuyer>(text)? {
            FromBuyer::Hello { .. } => Err(Stop::refused(close::BAD_FRAME, ErrorCode::BadRequest)),
            FromBuyer::Ping => {
                line.tell(&ToClient::Pong { now: self.server.app.clock.now().micros() }).await
            }
            FromBuyer::Read { seq } => {
                let read =
                    self.server.app.buyer_read(self.shop.id, self.caller.conversation, seq).await;
                read.map(|_| ()).map_err(Stop::from)
            }
            FromBuyer::Viewing { page } => {
                let told = viewing::tell(&self.server, &self.shop, self.caller, page).await;
                told.map_err(|error| Stop::from(error.0))
            }
            FromBuyer::Send { id, text, content } => {
                if !line.may_send(&id).await? {
                    return Ok(());
                }
                if let Err(error) = no_flood(&self.server, self.caller.visitor) {
                    return line.tell(&ToClient::Nack { id, error: logged(&error.0) }).await;
                }
                match parse_send(&self.server, &id, &text, content.as_ref()) {
                    Ok((client_id, act)) => self.send(line, id, client_id, act).await,
                    Err(error) => {
                        return line.tell(&ToClient::Nack { id, error: logged(&error) }).await;
                    }
                }
                Ok(())
            }
            FromBuyer::Recall { id, seq } => {
                if !line.may_send(&id).await? {
                    return Ok(());
                }
                match ClientId::parse(&id) {
                    Ok(client_id) => self.send(line, id, client_id, Act::Recall(seq)).await,
                    Err(error) => {
                        return line
                            .tell(&ToClient::Nack { id, error: logged(&error.into()) })
                            .await;
                    }
                }
                Ok(())
            }
        }
    }

    async fn send(&self, line: &mut Line, id: String, client_id: ClientId, act: Act) {
        let command = Command {
            shop: self.shop.id,
            rules: self.shop.rules(self.server.app.clock.now()),
            conversation: self.caller.conversation,
            by: Speaker::Buyer(self.caller.buyer),
            lane: Lane::Buyer,
            client_id,
            act,
            guarding: Guarding::default(),
            phrase: None,
        };
        line.queue(&self.server, &self.mailbox, id, command).await;
    }

    async fn deliver(&mut self, line: &mut Line) -> Result<(), Stop> {
        for mail in self.mailbox.take()? {
            match mail {
                Mail::Reply(frame) => line.write(frame).await?,
                Mail::Event(Event { kind, .. }) => self.event(line, kind).await?,
                Mail::Slot(Slot::Marks(_, frame)) => line.write(frame).await?,
                Mail::Slot(Slot::Duty(on_duty)) => {
                    let notice = self.server.app.notice_now(&self.shop).await?;
                    let reception = Reception { on_duty, notice, ..self.reception.clone() };
                    self.receive(line, reception).await?;
                }
                // What is told of a line that was left meanwhile is of no interest.
                Mail::Slot(Slot::Place(position, wait_s)) if self.reception.state == "queued" => {
                    let position = Some(position);
                    let reception = Reception { position, wait_s, ..self.reception.clone() };
                    self.receive(line, reception).await?;
                }
                Mail::Slot(Slot::Row(_) | Slot::Draft(..) | Slot::Wall(_) | Slot::Place(..)) => {}
            }
        }
        Ok(())
    }

    async fn event(&mut self, line: &mut Line, kind: EventKind) -> Result<(), Stop> {
        match kind {
            EventKind::Entry { lane: Lane::Buyer, seq, frame, .. } if seq == self.sent + 1 => {
                line.write(frame).await?;
                self.sent = seq;
                Ok(())
            }
            EventKind::Entry { lane: Lane::Buyer, seq, .. } if seq > self.sent => {
                self.catch_up(line).await
            }
            EventKind::Erased(frame) => line.write(frame).await,
            EventKind::Reception { head, .. } if head < self.reception_head => Ok(()),
            EventKind::Reception { head, state, agent } => {
                self.reception_head = head;
                // Who serves is read anew: how an agent signs is not in the hint.
                let reception = match agent {
                    Some(_) => {
                        self.server.app.reception(self.shop.id, self.caller.conversation).await?
                    }
                    None => Reception {
                        state: state.to_owned(),
                        agent: None,
                        position: None,
                        wait_s: None,
                        ..self.reception.clone()
                    },
                };
                self.receive(line, reception).await
            }
            _ => Ok(()),
        }
    }

    async fn receive(&mut self, line: &mut Line, reception: Reception) -> Result<(), Stop> {
        if reception == self.reception {
            return Ok(());
        }
        self.reception = reception.clone();
        line.tell(&ToClient::Reception { reception }).await
    }

    /// Sends the gap after `sent`, page by page.
    async fn catch_up(&mut self, line: &mut Line) -> Result<(), Stop> {
        loop {
            let app = &self.server.app;
            let (shop, id, max) =
                (self.shop.id, self.caller.conversation, app.limits.page_entries_max);
            let page = app.entries(shop, id, Lane::Buyer, Page::After(self.sent), max).await?;
            let Some(last) = page.entries.last().map(|e| e.seq) else { return Ok(()) };
            let last_seq = page.last_seq;
            line.tell(&ToClient::Entries {
                conversation: self.conversation.clone(),
                lane: Lane::Buyer.word().to_owned(),
                entries: page.entries,
                last_seq,
            })
            .await?;
            self.sent = last;
            if last >= last_seq {
                return Ok(());
            }
        }
    }

    /// Now and then: a sign of life, the token again, reception and head, in case a hint was lost.
    async fn tick(&mut self, line: &mut Line) -> Result<(), Stop> {
        line.tick().await?;
        let Some(pulse) = self.server.app.pulse(self.caller, self.token.as_deref()).await? else {
            // Bound to an identity elsewhere: coming back, it finds its conversation.
            return Err(Stop::Close(close::GOING_AWAY, None));
        };
        self.reception_head = self.reception_head.max(pulse.last_seq);
        self.receive(line, pulse.reception).await?;
        if pulse.last_seq > self.sent {
            self.catch_up(line).await?;
        }
        Ok(())
    }
}

//! From the domain's and the store's shapes to the wire's.

use xiaoer_domain::chat::{Author, Content, Entry, SessionRef, SessionState};
use xiaoer_domain::id::{AccountId, PublicId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::private::Private;
use xiaoer_domain::time::Timestamp;
use xiaoer_protocol::chat as wire;
use xiaoer_protocol::content;
use xiaoer_protocol::customers;
use xiaoer_protocol::id;
use xiaoer_protocol::routing::Named;
use xiaoer_store::chat::people::Buyer;
use xiaoer_store::chat::read::{ListRow, ListSession, StoredEntry};
use xiaoer_store::chat::transfer::{Helper, Offered};

use super::links::{Picture, ShopLinks};

/// A new entry as everybody sees it.
#[must_use]
pub fn entry(e: &Entry, name: Option<&str>, links: &ShopLinks<'_>) -> wire::Entry {
    let notice = e.notice.as_ref();
    wire::Entry {
        lane: e.lane.word().to_owned(),
        seq: e.seq,
        at: e.at.micros(),
        kind: e.kind.word().to_owned(),
        message: e.message.map(|m| m.word().to_owned()),
        by: by(e.author, name),
        text: e.text.clone(),
        content: e.content.as_ref().map(|content| shown(content, links)),
        recalled: false,
        ref_seq: e.ref_seq,
        code: notice.map(|n| n.code.to_owned()),
        params: notice.and_then(|n| serde_json::from_str(&n.params_json()).ok()),
        client_id: e.client_id.as_ref().map(|c| c.as_str().to_owned()),
        session: match e.session {
            SessionRef::Stored(session) => Some(id::session(session)),
            SessionRef::None | SessionRef::New => None,
        },
    }
}

/// A stored entry as everybody sees it.
#[must_use]
pub fn stored_entry(e: StoredEntry, links: &ShopLinks<'_>) -> wire::Entry {
    wire::Entry {
        lane: e.lane.word().to_owned(),
        seq: e.seq,
        at: e.at.micros(),
        kind: e.kind.word().to_owned(),
        message: e.message.map(|m| m.word().to_owned()),
        by: by(Author::from_parts(e.side, e.author_id), e.author_name.as_deref()),
        text: e.text,
        content: e.content.as_ref().map(|content| shown(content, links)),
        recalled: e.recalled,
        ref_seq: e.ref_seq,
        code: e.code,
        params: e.params.and_then(|p| serde_json::from_str(&p).ok()),
        client_id: e.client_id,
        session: e.session.map(id::session),
    }
}

/// What an entry carries, with links that hold for a while.
fn shown(content: &Content, links: &ShopLinks<'_>) -> content::Content {
    match content.clone() {
        Content::Image { id, name, bytes, width, height } => content::Content::Image {
            id: id::public(id::ATTACHMENT, id),
            name,
            bytes,
            width,
            height,
            url: links.to(id, Picture::Whole),
            thumb: links.to(id, Picture::Small),
        },
        Content::File { id, name, bytes, mime } => content::Content::File {
            id: id::public(id::ATTACHMENT, id),
            name,
            bytes,
            mime,
            url: links.to(id, Picture::Whole),
        },
        Content::Product(c) => content::Content::Product {
            sku: c.sku,
            title: c.title,
            price: c.price,
            currency: c.currency,
            image: c.image,
            link: c.link,
        },
        Content::Order(c) => content::Content::Order {
            number: c.number,
            state: c.state,
            placed_at: c.placed_at.micros(),
            total: c.total,
            currency: c.currency,
            items: (c.items.into_iter())
                .map(|(title, count)| content::ContentItem { title, count })
                .collect(),
            more: c.more,
        },
        Content::Address(c) => content::Content::Address {
            number: c.number,
            name: c.name,
            phone: c.phone,
            address: c.address,
        },
        Content::Answer { to, choice } => {
            content::Content::Answer { to, value: choice.word().to_owned() }
        }
        Content::Nudge => content::Content::Nudge,
    }
}

/// Masks what of a person an entry shows: at the desk it is looked at one at a time, with a reason.
pub(crate) fn veil(entry: &mut wire::Entry) {
    if let Some(content::Content::Address { address, .. }) = &mut entry.content {
        *address = Private::new(std::mem::take(address)).masked_address();
    }
}

/// The entry as desks see it, where that is another one.
pub(crate) fn veiled(entry: &wire::Entry) -> Option<wire::Entry> {
    let shows = matches!(entry.content, Some(content::Content::Address { .. }));
    shows.then(|| {
        let mut entry = entry.clone();
        veil(&mut entry);
        entry
    })
}

fn by(author: Author, name: Option<&str>) -> wire::By {
    let (id, name) = match author {
        Author::Agent(account) => (Some(id::account(account)), name.map(str::to_owned)),
        Author::Buyer(_) | Author::Robot | Author::System => (None, None),
    };
    wire::By { side: author.side().word().to_owned(), id, name }
}

/// A buyer as the desk sees one.
#[must_use]
pub fn buyer(b: &Buyer) -> customers::Buyer {
    customers::Buyer {
        id: id::public(id::BUYER, b.public_id),
        name: b.name.clone(),
        identified: b.reference.is_some(),
        reference: b.reference.clone(),
    }
}

/// A conversation as lists show it.
#[must_use]
pub fn row(r: ListRow, stage: Stage) -> wire::Row {
    let waiting_since = r.session.as_ref().and_then(|s| s.waiting_since).map(|t| t.micros());
    wire::Row {
        conversation: conversation(r.public_id),
        buyer: buyer(&r.buyer),
        last: r.last.map(|last| wire::LastLine {
            seq: last.seq,
            at: last.at.micros(),
            side: last.side.word().to_owned(),
            kind: last.kind.word().to_owned(),
            preview: last.text,
            content: last.content.map(str::to_owned),
        }),
        unread: r.unread,
        waiting_since,
        session: r.session.map(session),
        marks: wire::Marks { buyer: r.buyer_read_seq, staff: r.staff_read_seq },
        last_seq: r.last_seq,
        staff_seq: r.staff_seq,
        viewing: None,
        stage: stage.word().to_owned(),
        left: r.is_left_message,
        priority: r.priority.word().to_owned(),
        transfer: r.transfer.map(transfer),
        helpers: r.helpers.into_iter().map(helper).collect(),
        tags: r.tags.into_iter().map(|(id, name)| wire::bulk::Tag { id: id.get(), name }).collect(),
    }
}

fn transfer(t: Offered) -> wire::PendingTransfer {
    let account = |(id, name)| Named { id: id::account(id), name };
    wire::PendingTransfer {
        from: account((t.transfer.from, t.from_name)),
        to: t.to.map(account),
        group: t.group.map(|(group, name)| Named { id: id::group(group), name }),
        receivers: t.transfer.receivers.iter().copied().map(id::account).collect(),
        valid_until: t.transfer.valid_until.micros(),
        note: t.note,
    }
}

fn helper(h: Helper) -> wire::Helper {
    wire::Helper { id: id::account(h.account), name: h.name, may_speak: h.may_speak }
}

fn session(s: ListSession) -> wire::Session {
    let state = match (s.closed, &s.agent) {
        (true, _) => SessionState::Closed,
        (false, None) => SessionState::Queued,
        (false, Some(_)) => SessionState::Active,
    };
    wire::Session {
        id: id::session(s.id),
        state: state.word().to_owned(),
        agent: s.agent.map(|(account, name)| agent(account, name)),
        opened_at: s.opened_at.micros(),
        why: s.why.map(|(code, params)| wire::Why {
            code,
            params: serde_json::from_str(&params).unwrap_or(serde_json::Value::Null),
        }),
        left_at: s.left_at.map(Timestamp::micros),
        checking_until: s.checking_until.map(Timestamp::micros),
    }
}

/// An agent as the desk sees one.
#[must_use]
pub fn agent(account: AccountId, name: String) -> wire::AgentName {
    wire::AgentName { id: Some(id::account(account)), name, signature: None }
}

/// A conversation's id on the wire.
#[must_use]
pub fn conversation(public_id: PublicId) -> String {
    id::public(id::CONVERSATION, public_id)
}

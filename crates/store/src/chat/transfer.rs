//! Sessions that wait for a new agent, and colleagues who were asked to join one.

use xiaoer_domain::chat::{Outcome, Transfer};
use xiaoer_domain::id::{AccountId, ConversationId, GroupId, SessionId, ShopId, TransferId};
use xiaoer_domain::time::Timestamp;

use super::read::ListRow;
use crate::{Row, StoreError, Tx, args, statements};

/// Receivers of one transfer, helpers of one session, and what a desk is shown of either.
const PEOPLE_MAX: i64 = 500;
/// Transfers that one sweep settles.
const DUE_MAX: i64 = 500;

macro_rules! transfer_select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.conversation_id, t.from_id, f.name AS from_name, t.to_id, a.name AS to_name, t.group_id,
               g.name AS group_name, t.valid_until,
               CASE WHEN n.recalled_by IS NULL THEN n.text END AS note
             FROM transfer t
             JOIN account f ON f.id = t.from_id
             LEFT JOIN account a ON a.id = t.to_id
             LEFT JOIN skill_group g ON g.shop_id = t.shop_id AND g.id = t.group_id
             LEFT JOIN entry n ON n.shop_id = t.shop_id AND n.conversation_id = t.conversation_id AND n.lane = 1
               AND n.seq = t.note_seq ",
            $rest
        )
    };
}

statements! {
    pub(crate) INSERT_TRANSFER = "INSERT INTO transfer (shop_id, conversation_id, session_id, from_id, to_id, group_id, note_seq,
            offered_at, valid_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING id";
    pub(crate) OPEN_TRANSFER = transfer_select!("WHERE t.shop_id = $1 AND t.conversation_id = $2 AND t.settled_at IS NULL");
    /// Of some conversations at once.
    pub(crate) OPEN_TRANSFERS => {
        sqlite: transfer_select!("WHERE t.shop_id = $1 AND t.conversation_id IN (SELECT value FROM json_each($2)) AND t.settled_at IS NULL
            LIMIT $3"),
        postgres: transfer_select!("WHERE t.shop_id = $1 AND t.conversation_id = ANY($2) AND t.settled_at IS NULL
            LIMIT $3"),
    };
    /// Conversations that wait for somebody, alone or as one of a group.
    pub(crate) TRANSFERS_TO = "SELECT t.conversation_id
        FROM transfer t
        WHERE t.shop_id = $1 AND t.conversation_id > 0 AND t.settled_at IS NULL AND t.from_id <> $2
          AND (t.to_id = $2 OR EXISTS (SELECT 1 FROM skill_member m
            WHERE m.shop_id = t.shop_id AND m.group_id = t.group_id AND m.account_id = $2))
        LIMIT $3";
    pub(crate) GROUP_MEMBERS = "SELECT m.account_id
        FROM skill_member m
        WHERE m.shop_id = $1 AND m.group_id = $2
        LIMIT $3";
    pub(crate) SETTLE_TRANSFER = "UPDATE transfer
        SET settled_at = $3, settled_by = $4, outcome = $5
        WHERE shop_id = $1 AND id = $2 AND settled_at IS NULL";
    pub(crate) DUE_TRANSFERS = "SELECT shop_id, conversation_id
        FROM transfer
        WHERE settled_at IS NULL AND valid_until <= $1
        ORDER BY valid_until
        LIMIT $2", installation: "the sweeper looks at every shop";
    pub(crate) PUT_INVITATION = "INSERT INTO invitation (shop_id, session_id, account_id, conversation_id, invited_by, may_speak, invited_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (shop_id, session_id, account_id) DO UPDATE
        SET may_speak = excluded.may_speak, invited_by = excluded.invited_by, invited_at = excluded.invited_at, left_at = NULL";
    pub(crate) LEAVE_TALK = "UPDATE invitation
        SET left_at = $4
        WHERE shop_id = $1 AND session_id = $2 AND account_id = $3 AND left_at IS NULL";
    /// Who joined the open sessions of some conversations.
    pub(crate) HELPERS => {
        // The open sessions lead, and the plus keeps their invitations to the key.
        sqlite: "SELECT i.conversation_id, i.account_id, a.name, i.may_speak
            FROM session AS s INDEXED BY session_open
            CROSS JOIN invitation AS i
            JOIN account AS a ON a.id = i.account_id
            WHERE s.shop_id = $1 AND s.conversation_id IN (SELECT value FROM json_each($2)) AND s.closed_at IS NULL
              AND i.shop_id = s.shop_id AND i.session_id = s.id AND +i.left_at IS NULL
            ORDER BY i.invited_at, i.account_id
            LIMIT $3",
        postgres: "SELECT i.conversation_id, i.account_id, a.name, i.may_speak
            FROM session s
            JOIN invitation i ON i.shop_id = s.shop_id AND i.session_id = s.id AND i.left_at IS NULL
            JOIN account a ON a.id = i.account_id
            WHERE s.shop_id = $1 AND s.conversation_id = ANY($2) AND s.closed_at IS NULL
            ORDER BY i.invited_at, i.account_id
            LIMIT $3",
    };
    /// Conversations whose open session somebody joined: of the latest invitations those that still hold.
    pub(crate) INVITED_TO = "SELECT v.conversation_id
        FROM (SELECT x.shop_id, x.session_id, x.conversation_id
              FROM invitation x
              WHERE x.shop_id = $1 AND x.account_id = $2 AND x.left_at IS NULL
              ORDER BY x.session_id DESC
              LIMIT $3) v
        JOIN session s ON s.shop_id = v.shop_id AND s.id = v.session_id
        WHERE s.closed_at IS NULL";
}

/// A transfer that nobody has settled, with names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Row.
    pub id: TransferId,
    /// Whose buyer.
    pub conversation: ConversationId,
    /// The rule's view of it.
    pub transfer: Transfer,
    /// The giver's name.
    pub from_name: String,
    /// The colleague it is for.
    pub to: Option<(AccountId, String)>,
    /// The group it is for.
    pub group: Option<(GroupId, String)>,
    /// What the giver wrote.
    pub note: Option<String>,
}

/// A colleague who joined a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// Who.
    pub account: AccountId,
    /// Name.
    pub name: String,
    /// Whether the buyer may hear from them.
    pub may_speak: bool,
}

/// What is stored of a new transfer.
#[derive(Clone, Copy, Debug)]
pub struct NewTransfer {
    /// Whose buyer.
    pub conversation: ConversationId,
    /// Which session.
    pub session: SessionId,
    /// Who gives.
    pub from: AccountId,
    /// To whom.
    pub to: Option<AccountId>,
    /// Or to which group.
    pub group: Option<GroupId>,
    /// The note in the staff lane.
    pub note_seq: Option<i64>,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub valid_until: Timestamp,
}

/// Keeps a transfer; another open one of the conversation violates `transfer (shop_id, conversation_id)`.
pub async fn insert(tx: &mut Tx, shop: ShopId, new: NewTransfer) -> Result<TransferId, StoreError> {
    let row = tx
        .one(
            INSERT_TRANSFER,
            args![
                shop,
                new.conversation,
                new.session,
                new.from,
                new.to,
                new.group,
                new.note_seq,
                new.at,
                new.valid_until
            ],
        )
        .await?;
    row.get("id")
}

/// The open transfer of a conversation.
pub async fn find(
    tx: &mut Tx,
    shop: ShopId,
    of: ConversationId,
) -> Result<Option<Offered>, StoreError> {
    match tx.opt(OPEN_TRANSFER, args![shop, of]).await? {
        None => Ok(None),
        Some(row) => read_offered(tx, shop, &row).await.map(Some),
    }
}

/// Settles a transfer; false when it was settled before.
pub async fn settle(
    tx: &mut Tx,
    shop: ShopId,
    id: TransferId,
    outcome: Outcome,
    by: Option<AccountId>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(SETTLE_TRANSFER, args![shop, id, at, by, outcome.word()]).await? > 0)
}

/// Transfers whose time is over.
pub async fn due(tx: &mut Tx, now: Timestamp) -> Result<Vec<(ShopId, ConversationId)>, StoreError> {
    let rows = tx.all(DUE_TRANSFERS, args![now, DUE_MAX]).await?;
    rows.iter().map(|row| Ok((row.get("shop_id")?, row.get("conversation_id")?))).collect()
}

/// Everybody of a group.
pub async fn members(
    tx: &mut Tx,
    shop: ShopId,
    group: GroupId,
) -> Result<Vec<AccountId>, StoreError> {
    let rows = tx.all(GROUP_MEMBERS, args![shop, group, PEOPLE_MAX]).await?;
    rows.iter().map(|row| row.get("account_id")).collect()
}

/// A colleague joins the open session.
pub async fn invite(
    tx: &mut Tx,
    shop: ShopId,
    (session, conversation): (SessionId, ConversationId),
    who: AccountId,
    by: AccountId,
    may_speak: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let may_speak = i64::from(may_speak);
    tx.exec(PUT_INVITATION, args![shop, session, who, conversation, by, may_speak, at]).await?;
    Ok(())
}

/// A colleague leaves the session; false when not there.
pub async fn leave(
    tx: &mut Tx,
    shop: ShopId,
    session: SessionId,
    who: AccountId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(LEAVE_TALK, args![shop, session, who, at]).await? > 0)
}

/// Conversations that concern somebody who does not serve them: asked to take them over, or joined.
pub async fn concerning(
    tx: &mut Tx,
    shop: ShopId,
    who: AccountId,
    limit: i64,
) -> Result<Vec<ConversationId>, StoreError> {
    let mut found = Vec::new();
    for sql in [TRANSFERS_TO, INVITED_TO] {
        for row in tx.all(sql, args![shop, who, limit]).await? {
            let of: ConversationId = row.get("conversation_id")?;
            if !found.contains(&of) {
                found.push(of);
            }
        }
    }
    Ok(found)
}

/// Puts open transfers and helpers beside rows of a list.
pub async fn add_to(tx: &mut Tx, shop: ShopId, rows: &mut [ListRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let among: Vec<ConversationId> = rows.iter().map(|row| row.id).collect();
    for found in tx.all(OPEN_TRANSFERS, args![shop, among.clone(), PEOPLE_MAX]).await? {
        let offered = read_offered(tx, shop, &found).await?;
        if let Some(row) = rows.iter_mut().find(|row| row.id == offered.conversation) {
            row.transfer = Some(offered);
        }
    }
    for found in tx.all(HELPERS, args![shop, among, PEOPLE_MAX]).await? {
        let of: ConversationId = found.get("conversation_id")?;
        let helper = Helper {
            account: found.get("account_id")?,
            name: found.get("name")?,
            may_speak: found.get::<i64>("may_speak")? != 0,
        };
        if let Some(row) = rows.iter_mut().find(|row| row.id == of) {
            row.helpers.push(helper);
        }
    }
    Ok(())
}

async fn read_offered(tx: &mut Tx, shop: ShopId, row: &Row) -> Result<Offered, StoreError> {
    let to: Option<AccountId> = row.get("to_id")?;
    let group: Option<GroupId> = row.get("group_id")?;
    let receivers = match (to, group) {
        (Some(to), _) => vec![to],
        (None, Some(group)) => members(tx, shop, group).await?,
        (None, None) => Vec::new(),
    };
    let (to_name, group_name): (Option<String>, Option<String>) =
        (row.get("to_name")?, row.get("group_name")?);
    Ok(Offered {
        id: row.get("id")?,
        conversation: row.get("conversation_id")?,
        transfer: Transfer {
            from: row.get("from_id")?,
            receivers,
            valid_until: row.get("valid_until")?,
        },
        from_name: row.get("from_name")?,
        to: to.zip(to_name),
        group: group.zip(group_name),
        note: row.get("note")?,
    })
}

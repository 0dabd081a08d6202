//! What supervisors steer while it happens: caps, weights, pauses, groups, and how a buyer is received. Each act takes effect
//! at once: whoever can be served by it is placed before the answer leaves.

use serde_json::json;
use xiaoer_domain::id::{AccountId, BuyerId, ConversationId, GroupId, ShopId};
use xiaoer_domain::orders::Stage;
use xiaoer_domain::routing::{Priority, Strategy, WEIGHT_MAX, WEIGHT_MIN};
use xiaoer_protocol::{ErrorCode, id, routing as wire};
use xiaoer_store::routing as store;
use xiaoer_store::routing::steer::{self, GroupChange, Steering};

use crate::platform::audit::{AuditKind, Note};
use crate::{App, AppError};

/// Seats that one person can be given.
const CAP_MAX: i64 = 200;
/// Characters of a group's name.
const NAME_CHARS_MAX: usize = 40;

impl App {
    /// Changes cap, weight or pause of an agent; what is not named stays.
    ///
    /// # Errors
    /// `bad_request` for a value out of bounds, `not_found`.
    pub async fn steer(
        &self,
        shop: ShopId,
        agent: AccountId,
        change: wire::SteerBody,
    ) -> Result<wire::Steering, AppError> {
        if change.cap.is_some_and(|cap| !(0..=CAP_MAX).contains(&cap)) {
            return Err(AppError::bad_field("cap"));
        }
        if change.weight.is_some_and(|weight| !(WEIGHT_MIN..=WEIGHT_MAX).contains(&weight)) {
            return Err(AppError::bad_field("weight"));
        }
        let now = self.clock.now();
        let house = self.clone();
        let steering = self
            .db
            .write(move |tx| {
                let house = house.clone();
                Box::pin(async move {
                    let room = store::room(tx, shop, now).await?;
                    let was = room.into_iter().find(|candidate| candidate.agent == agent);
                    let was = was.ok_or_else(|| AppError::refused(ErrorCode::NotFound))?;
                    let steering = Steering {
                        cap: change.cap.unwrap_or(was.cap),
                        weight: change.weight.unwrap_or(was.weight),
                        is_paused: change.paused.unwrap_or(was.is_paused),
                    };
                    if !steer::steer(tx, shop, agent, steering, now).await? {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    let note = Note::of(AuditKind::Steered)
                        .on(id::account(agent))
                        .was(&json!({ "cap": was.cap, "weight": was.weight, "paused": was.is_paused }))
                        .is(&json!({ "cap": steering.cap, "weight": steering.weight, "paused": steering.is_paused }));
                    house.audit(note).write(tx, shop).await?;
                    Ok(steering)
                })
            })
            .await?;
        self.tell_duty(shop).await?;
        self.give_seats_on(shop).await;
        let Steering { cap, weight, is_paused } = steering;
        Ok(wire::Steering { cap, weight, paused: is_paused })
    }

    /// The groups of a shop.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups(&self, shop: ShopId) -> Result<wire::Groups, AppError> {
        let groups =
            self.db.read(move |tx| Box::pin(async move { store::groups(tx, shop).await })).await?;
        let groups = groups.into_iter().map(|group| wire::Group {
            id: id::group(group.id),
            name: group.name,
            stage: group.stage.map(|stage| stage.word().to_owned()),
            strategy: group.strategy.word().to_owned(),
            last_agent_first: group.last_agent_first,
            members: group.members.into_iter().map(id::account).collect(),
        });
        Ok(wire::Groups { groups: groups.collect() })
    }

    /// Makes a group, or changes one.
    ///
    /// # Errors
    /// `bad_request`, `not_found`, `too_many`, `name_taken`.
    pub async fn save_group(
        &self,
        shop: ShopId,
        which: Option<GroupId>,
        body: &wire::GroupBody,
    ) -> Result<wire::Groups, AppError> {
        let change = read_group(body)?;
        let (now, house) = (self.clock.now(), self.clone());
        let saved = self
            .db
            .write(move |tx| {
                let (change, house) = (change.clone(), house.clone());
                Box::pin(async move {
                    let room = store::room(tx, shop, now).await?;
                    if !change.members.iter().all(|m| room.iter().any(|c| c.agent == *m)) {
                        return Err(AppError::bad_field("members"));
                    }
                    let id = match which {
                        Some(id) => {
                            if !steer::change_group(tx, shop, id, &change).await? {
                                return Err(AppError::refused(ErrorCode::NotFound));
                            }
                            id
                        }
                        None => {
                            let groups = store::group_rules(tx, shop).await?.len();
                            let max = usize::try_from(store::GROUPS_MAX).unwrap_or(0);
                            if groups >= max {
                                let params = Some(json!({ "limit": "groups_max", "max": max }));
                                return Err(AppError::Refused { code: ErrorCode::TooMany, params });
                            }
                            steer::insert_group(tx, shop, &change, now).await?
                        }
                    };
                    let note = Note::of(AuditKind::GroupChanged).on(id::group(id)).is(&json!({
                        "name": change.name, "strategy": change.strategy.word(), "members": change.members.len(),
                    }));
                    house.audit(note).write(tx, shop).await?;
                    Ok(())
                })
            })
            .await;
        match saved {
            Ok(()) => {}
            Err(AppError::Store(e)) if e.is_unique("skill_group", &["shop_id", "name"]) => {
                return Err(AppError::bad_field("name"));
            }
            Err(error) => return Err(error),
        }
        self.give_seats_on(shop).await;
        self.groups(shop).await
    }

    /// Takes a group away; who waits for it waits for everybody.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn remove_group(
        &self,
        shop: ShopId,
        group: GroupId,
    ) -> Result<wire::Groups, AppError> {
        let (now, house) = (self.clock.now(), self.clone());
        self.db
            .write(move |tx| {
                let house = house.clone();
                Box::pin(async move {
                    if !steer::remove_group(tx, shop, group, now).await? {
                        return Err(AppError::refused(ErrorCode::NotFound));
                    }
                    let note = Note::of(AuditKind::GroupChanged).on(id::group(group));
                    house.audit(note.is(&json!({ "removed": true }))).write(tx, shop).await?;
                    Ok(())
                })
            })
            .await?;
        self.give_seats_on(shop).await;
        self.groups(shop).await
    }

    /// Sets how the buyer of a conversation is received from the next session on.
    ///
    /// # Errors
    /// `bad_request`, `not_found`.
    pub async fn set_buyer_route(
        &self,
        shop: ShopId,
        conversation: ConversationId,
        body: &wire::BuyerRouteBody,
    ) -> Result<(), AppError> {
        let priority =
            Priority::parse(&body.priority).ok_or_else(|| AppError::bad_field("priority"))?;
        let named = body.agent.as_deref().filter(|own| !own.is_empty());
        let named =
            named.map(|own| id::parse_account(own).ok_or_else(|| AppError::bad_field("agent")));
        let (named, is_kept) = (named.transpose()?, body.agent.is_none());
        let now = self.clock.now();
        let buyer: BuyerId = self.buyer_of(shop, conversation).await?;
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    let room = store::room(tx, shop, now).await?;
                    let own = match is_kept {
                        true => store::buyer_route(tx, shop, conversation).await?.dedicated,
                        false => named,
                    };
                    if named.is_some_and(|own| !room.iter().any(|c| c.agent == own)) {
                        return Err(AppError::bad_field("agent"));
                    }
                    Ok::<_, AppError>(steer::set_route(tx, shop, buyer, priority, own, now).await?)
                })
            })
            .await?;
        self.tell_row(shop, conversation).await
    }
}

fn read_group(body: &wire::GroupBody) -> Result<GroupChange, AppError> {
    let name = body.name.trim();
    if name.is_empty()
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        return Err(AppError::bad_field("name"));
    }
    let stage = body.stage.as_deref();
    let stage = stage.map(|word| Stage::parse(word).ok_or_else(|| AppError::bad_field("stage")));
    let strategy =
        Strategy::parse(&body.strategy).ok_or_else(|| AppError::bad_field("strategy"))?;
    let members = body.members.iter().map(|member| id::parse_account(member));
    let members: Option<Vec<AccountId>> = members.collect();
    Ok(GroupChange {
        name: name.to_owned(),
        stage: stage.transpose()?,
        strategy,
        last_agent_first: body.last_agent_first,
        members: members.ok_or_else(|| AppError::bad_field("members"))?,
    })
}

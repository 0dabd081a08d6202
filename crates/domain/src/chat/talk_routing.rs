//! The moves of a conversation that routing makes: placed with an agent, given back, handed to a group.

use super::talk::{Draft, Refusal, Salts, Talk};
use super::{Author, Entry, EntryKind};
use crate::coded::Coded;
use crate::id::GroupId;
use crate::routing::{Candidate, Decision, Wish, decide};
use crate::team::Colleague;
use crate::time::Timestamp;

impl Talk {
    /// Offers the queued session to the available agents. Does nothing when it has an agent or nobody has a seat.
    pub fn place_queued(
        &mut self,
        available: &mut [Candidate],
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Vec<Entry> {
        let mut entries = Vec::new();
        if self.open_session().is_some_and(|s| s.agent.is_none()) {
            let wish = self.wish.clone();
            self.place_with(available, &wish, now, salts, &mut entries);
        }
        entries
    }

    /// The agent who has it can serve it no longer: it goes back into the queue, at the place of its wait. Nothing
    /// happens when nobody has it.
    pub fn give_back(
        &mut self,
        why: Coded,
        by: Author,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Vec<Entry> {
        if self.open_session().is_none_or(|s| s.agent.is_none()) {
            return Vec::new();
        }
        let entry = self.append(
            Draft::event(EntryKind::Transfer, by, "given_back", vec![("why", why.code.to_owned())]),
            now,
            salts,
        );
        if let Some(session) = self.open_session_mut() {
            session.give_back(entry.at);
            session.decision = Some(Decision::queued(why, entry.at));
        }
        vec![entry]
    }

    /// The session goes from the agent who has it to another one of `others`, one of whom has a seat.
    pub fn pass_on(
        &mut self,
        others: &mut [Candidate],
        why: Coded,
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Vec<Entry> {
        let mut entries = self.give_back(why, Author::System, now, &mut *salts);
        entries.extend(self.place_queued(others, now, salts));
        entries
    }

    /// The session goes to a group: it queues there, at the place of its wait, and the group chooses.
    ///
    /// # Errors
    /// [`Refusal::SessionClosed`] without an open session; [`Refusal::ServedByColleague`] when somebody else serves the
    /// buyer and the actor may not take over.
    pub fn hand_to_group(
        &mut self,
        actor: &Colleague,
        may_take_over: bool,
        (group, name): (GroupId, &str),
        now: Timestamp,
        salts: Salts<'_>,
    ) -> Result<Vec<Entry>, Refusal> {
        let session = self.open_session().ok_or(Refusal::SessionClosed)?;
        if session.agent.is_some_and(|agent| agent != actor.account) && !may_take_over {
            return Err(Refusal::ServedByColleague);
        }
        let params = vec![("group", name.to_owned()), ("from", actor.name.clone())];
        let by = Author::Agent(actor.account);
        let draft = Draft::event(EntryKind::Transfer, by, "handed_to_group", params);
        let entry = self.append(draft, now, salts);
        if let Some(session) = self.open_session_mut() {
            session.give_back(entry.at);
            session.group = Some(group);
            session.decision = Some(Decision::queued(Coded::plain("handed_to_group"), entry.at));
        }
        Ok(vec![entry])
    }

    pub(super) fn place_with(
        &mut self,
        available: &mut [Candidate],
        wish: &Wish,
        now: Timestamp,
        salts: Salts<'_>,
        entries: &mut Vec<Entry>,
    ) {
        let was_filed = self.open_session().is_some_and(|s| s.id.is_some());
        let decision = decide(available, wish, now);
        let chosen = decision.chosen.and_then(|id| available.iter().find(|c| c.agent == id));
        let Some(chosen) = chosen else {
            // Asked again and again, a queued session writes down only the first time why it waits.
            if let Some(session) = self.open_session_mut().filter(|_| !was_filed) {
                session.decision = Some(decision);
            }
            return;
        };
        let why = decision.why.clone();
        let (agent, name) = (chosen.agent, chosen.name.clone());
        let params = vec![("agent", name), ("why", why.code.to_owned())];
        let entry = self.append(
            Draft::event(EntryKind::Transfer, Author::System, "assigned", params),
            now,
            salts,
        );
        if let Some(session) = self.open_session_mut() {
            session.give(agent, why, entry.at);
            session.decision = Some(decision);
        }
        entries.push(entry);
    }
}

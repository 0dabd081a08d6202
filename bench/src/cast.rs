//! Who takes part: desks and buyers, seated in a fixed order, so that a smaller cast is the beginning of a greater one.

use std::rc::Rc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Outcome;
use crate::baseline::Baseline;
use crate::product::{People, Product};
use crate::seat::{Address, Order, Seat};
use crate::tally::Tally;

/// Conversations of one desk: what the protocol lets it watch.
const PER_DESK: usize = 32;
/// Connections made at the same time.
const AT_ONCE: usize = 32;

/// How many of each.
#[derive(Clone, Copy)]
pub struct Size {
    pub desks: usize,
    pub buyers: usize,
}

/// Buyer and agent of the closed loop, each pair with a desk of its own.
pub const PAIRS: Size = Size { desks: 64, buyers: 64 };
/// 1,000 connections.
pub const PART: Size = Size { desks: 64, buyers: 936 };
/// 5,000 connections; nearly every desk is full.
pub const FULL: Size = Size { desks: 152, buyers: 4848 };

impl Size {
    pub const fn connections(self) -> usize {
        self.desks + self.buyers
    }
}

/// The desk of each buyer of [`FULL`]. Every prefix that is used has all its desks in it.
pub fn desk_of_buyers() -> Vec<usize> {
    let mut load = vec![0; FULL.desks];
    let first: Vec<usize> = (0..PART.buyers).map(|buyer| buyer % PART.desks).collect();
    first.iter().for_each(|desk| load[*desk] += 1);
    let later = (PART.desks..FULL.desks).chain(0..PART.desks);
    let rest = later.flat_map(|desk| std::iter::repeat_n(desk, PER_DESK - load[desk]));
    first.iter().copied().chain(rest).take(FULL.buyers).collect()
}

/// Where connections lead.
pub enum House<'h> {
    Product(&'h Product, &'h People),
    Baseline(&'h Baseline),
}

impl House<'_> {
    async fn buyer(&self, number: usize, tally: &Rc<Tally>) -> Outcome<Seat> {
        let id = u32::try_from(FULL.desks + number).unwrap_or(u32::MAX);
        match self {
            Self::Product(product, people) => {
                let socket = product.buyer(&people.buyers[number]).await?;
                Ok(Seat::take(socket, id, Address::Own, tally))
            }
            Self::Baseline(baseline) => {
                let rooms = vec![room(number)];
                let socket = baseline.client(&rooms).await?;
                Ok(Seat::take(socket, id, Address::Rooms(rooms), tally))
            }
        }
    }

    async fn desk(&self, number: usize, buyers: &[usize], tally: &Rc<Tally>) -> Outcome<Seat> {
        let id = u32::try_from(number).unwrap_or(u32::MAX);
        match self {
            Self::Product(product, people) => {
                let watched: Vec<_> =
                    buyers.iter().filter_map(|buyer| people.buyers.get(*buyer)).collect();
                let socket = product.desk(&people.desks[number], &watched).await?;
                let names = watched.iter().map(|visitor| visitor.conversation.clone()).collect();
                Ok(Seat::take(socket, id, Address::Conversations(names), tally))
            }
            Self::Baseline(baseline) => {
                let rooms: Vec<String> = buyers.iter().map(|buyer| room(*buyer)).collect();
                let socket = baseline.client(&rooms).await?;
                Ok(Seat::take(socket, id, Address::Rooms(rooms), tally))
            }
        }
    }
}

fn room(buyer: usize) -> String {
    format!("room-{buyer}")
}

/// Those who are connected now.
#[derive(Default)]
pub struct Cast {
    desks: Vec<Seat>,
    buyers: Vec<Seat>,
}

/// Somebody who can say something in a conversation.
#[derive(Clone)]
pub struct Speaker {
    seat: Seat,
    index: u16,
}

impl Speaker {
    pub fn say(&self, due: u64) {
        self.seat.tell(Order::Say(self.index, due));
    }
}

impl Cast {
    /// Connects until the cast has this size.
    pub async fn grow(&mut self, house: &House<'_>, to: Size, tally: &Rc<Tally>) -> Outcome {
        let desk_of = desk_of_buyers();
        let watched = |desk: usize| -> Vec<usize> {
            let own = desk_of.iter().enumerate().filter(|(_, d)| **d == desk);
            own.map(|(buyer, _)| buyer).collect()
        };
        let desks = stream::iter(self.desks.len()..to.desks)
            .map(|desk| async move { house.desk(desk, &watched(desk), tally).await });
        self.desks.extend(desks.buffered(AT_ONCE).try_collect::<Vec<_>>().await?);
        let buyers = stream::iter(self.buyers.len()..to.buyers)
            .map(|buyer| async move { house.buyer(buyer, tally).await });
        self.buyers.extend(buyers.buffered(AT_ONCE).try_collect::<Vec<_>>().await?);
        Ok(())
    }

    /// Those beyond this size leave; whether anybody had to.
    pub fn shrink(&mut self, to: Size) -> bool {
        let before = self.desks.len() + self.buyers.len();
        let gone = self.desks.drain(to.desks..).chain(self.buyers.drain(to.buyers..));
        gone.for_each(|seat| seat.tell(Order::Leave));
        self.desks.len() + self.buyers.len() < before
    }

    pub fn leave(mut self) {
        self.shrink(Size { desks: 0, buyers: 0 });
    }

    /// Both sides of every conversation of which both are here.
    pub fn speakers(&self) -> Vec<Speaker> {
        let mut load = vec![0; FULL.desks];
        let mut speakers = Vec::new();
        for (buyer, desk) in self.buyers.iter().zip(desk_of_buyers()) {
            if let Some(seat) = self.desks.get(desk) {
                speakers.push(Speaker { seat: buyer.clone(), index: 0 });
                speakers.push(Speaker { seat: seat.clone(), index: load[desk] });
            }
            load[desk] += 1;
        }
        speakers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_desk_has_more_than_it_may_watch_and_each_pair_has_its_own() {
        let desk_of = desk_of_buyers();
        assert_eq!(desk_of.len(), FULL.buyers);
        let most = (0..FULL.desks).map(|d| desk_of.iter().filter(|o| **o == d).count()).max();
        assert_eq!(most, Some(PER_DESK));
        assert_eq!(desk_of[..PAIRS.buyers], (0..PAIRS.desks).collect::<Vec<_>>()[..]);
        assert!(desk_of[..PART.buyers].iter().all(|desk| *desk < PART.desks));
        assert_eq!((PART.connections(), FULL.connections()), (1000, 5000));
    }
}

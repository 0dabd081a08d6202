//! One clock for every latency: a moment of this process as microseconds since 1970.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Steady, and anchored once to the machine's clock so that client ids grow with time.
#[derive(Clone, Copy)]
pub struct Clock {
    started: Instant,
    micros: u64,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the bench measures real time")]
    pub fn start() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), micros: u64::try_from(now.as_micros()).unwrap_or(0) }
    }

    pub fn now(&self) -> u64 {
        self.micros + u64::try_from(self.started.elapsed().as_micros()).unwrap_or(0)
    }

    /// Blocks this thread until a moment.
    pub fn sleep_until(&self, at: u64) {
        let now = self.now();
        if at > now {
            std::thread::sleep(Duration::from_micros(at - now));
        }
    }
}

/// A client id in the shape of a UUIDv7 that carries what the receiver needs: when it was due, in which run, by whom.
pub fn client_id(due: u64, run: u8, seat: u32, count: u32) -> String {
    let (ms, rest) = (due / 1000, due % 1000);
    let high = (u64::from(run & 0x3f) << 8) | u64::from(seat >> 16 & 0xff);
    format!(
        "{:08x}-{:04x}-7{:03x}-{:04x}-{:04x}{:08x}",
        ms >> 16,
        ms & 0xffff,
        rest,
        0x8000 | high,
        seat & 0xffff,
        count
    )
}

/// What [`client_id`] put in: due, run, seat.
pub fn read_client_id(id: &str) -> Option<(u64, u8, u32)> {
    let hex = |range: std::ops::Range<usize>| u64::from_str_radix(id.get(range)?, 16).ok();
    let ms = hex(0..8)? << 16 | hex(9..13)?;
    let high = hex(19..23)?;
    let seat = u32::try_from((high & 0xff) << 16 | hex(24..28)?).ok()?;
    Some((ms * 1000 + hex(15..18)?, u8::try_from(high >> 8 & 0x3f).ok()?, seat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_gives_back_what_was_put_in() {
        let id = client_id(1_763_870_400_123_456, 17, 70_000, 9);
        assert_eq!(id.len(), 36);
        assert_eq!(read_client_id(&id), Some((1_763_870_400_123_456, 17, 70_000)));
        assert!(id < client_id(1_763_870_400_123_457, 1, 1, 1));
    }
}

//! Frames as bytes: serialised once, shared by everybody who hears them.

use bytes::Bytes;
use serde::Serialize;

/// A frame as bytes. Frames are plain data: they always serialise.
#[must_use]
pub fn frame(frame: &impl Serialize) -> Bytes {
    Bytes::from(
        serde_json::to_vec(frame)
            .expect("frames hold only strings, numbers and maps with string keys"),
    )
}

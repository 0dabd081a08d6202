//! Every limit of the message path, by name. Defaults; the configuration may change them.

/// Limits of what clients may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of a text.
    pub text_chars_max: usize,
    /// Bytes of a frame.
    pub frame_bytes_max: usize,
    /// Bytes of an HTTP body.
    pub body_bytes_max: usize,
    /// Sends a second of a buyer; a burst may be twice that.
    pub buyer_sends_per_second: u32,
    /// Lines a minute of a buyer, all of them at once if need be: nobody types more, and who pastes more floods.
    pub buyer_lines_per_minute: u32,
    /// Sends a second of a desk; a burst may be twice that.
    pub desk_sends_per_second: u32,
    /// Frames a second of a connection; a burst may be twice that.
    pub frames_per_second: u32,
    /// Sends of one connection that wait for their commit.
    pub sends_in_flight_max: usize,
    /// Entries of a page.
    pub page_entries_max: i64,
    /// Rows of a page.
    pub page_rows_max: i64,
    /// Conversations that one desk watches.
    pub watched_max: usize,
    /// Connections of one visitor.
    pub connections_per_visitor: usize,
    /// Bytes of a picture that is uploaded.
    pub image_bytes_max: u64,
    /// Bytes of a file that is uploaded.
    pub file_bytes_max: u64,
    /// Pixels of a picture, of all its frames together if it moves: what it takes in memory, not in the file.
    pub image_pixels_max: u64,
    /// Uploads a minute of a visitor or of a person of the shop.
    pub uploads_per_minute: u32,
    /// Sends that may wait for the next batch, over all connections.
    pub send_queue_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text_chars_max: 2000,
            frame_bytes_max: 16 * 1024,
            body_bytes_max: 64 * 1024,
            buyer_sends_per_second: 10,
            buyer_lines_per_minute: 60,
            desk_sends_per_second: 30,
            frames_per_second: 50,
            sends_in_flight_max: 32,
            page_entries_max: 200,
            page_rows_max: 200,
            watched_max: 32,
            connections_per_visitor: 8,
            image_bytes_max: 10 * 1024 * 1024,
            file_bytes_max: 20 * 1024 * 1024,
            image_pixels_max: 40_000_000,
            uploads_per_minute: 20,
            send_queue_max: 8192,
        }
    }
}

//! How the domain's words travel: each newtype to a bound value and back from a column.
//!
//! Must never interpret: a number is wrapped, 16 bytes are an id, nothing else happens here.

use xiaoer_domain::id::{
    AccountId, BlockId, BulkJobId, BuyerId, CallId, ConversationId, FolderId, FollowUpId, GroupId,
    HandoverId, HandoverItemId, ModeId, NoticeId, OrderId, PhraseId, PublicId, SessionId, ShopId,
    SpecialDayId, TagId, TransferId,
};
use xiaoer_domain::time::{Span, Timestamp};
use xiaoer_domain::zone::Day;

use crate::error::StoreError;
use crate::row::{ColumnKey, FromColumn, Row};
use crate::value::Value;

macro_rules! numbers {
    ($($word:ty: $wrap:path, $unwrap:path;)+) => {$(
        impl From<$word> for Value {
            fn from(word: $word) -> Self {
                Self::Int(Some($unwrap(word)))
            }
        }
        impl From<Option<$word>> for Value {
            fn from(word: Option<$word>) -> Self {
                Self::Int(word.map($unwrap))
            }
        }
        impl From<Vec<$word>> for Value {
            fn from(words: Vec<$word>) -> Self {
                Self::Ints(words.into_iter().map(|word| Some($unwrap(word))).collect())
            }
        }
        impl FromColumn for $word {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                i64::from_column(row, at).map($wrap)
            }
        }
        impl FromColumn for Option<$word> {
            fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
                Ok(Option::<i64>::from_column(row, at)?.map($wrap))
            }
        }
    )+};
}

numbers! {
    ShopId: ShopId::new, ShopId::get;
    AccountId: AccountId::new, AccountId::get;
    BuyerId: BuyerId::new, BuyerId::get;
    ConversationId: ConversationId::new, ConversationId::get;
    SessionId: SessionId::new, SessionId::get;
    OrderId: OrderId::new, OrderId::get;
    FollowUpId: FollowUpId::new, FollowUpId::get;
    GroupId: GroupId::new, GroupId::get;
    PhraseId: PhraseId::new, PhraseId::get;
    FolderId: FolderId::new, FolderId::get;
    SpecialDayId: SpecialDayId::new, SpecialDayId::get;
    ModeId: ModeId::new, ModeId::get;
    HandoverId: HandoverId::new, HandoverId::get;
    HandoverItemId: HandoverItemId::new, HandoverItemId::get;
    CallId: CallId::new, CallId::get;
    NoticeId: NoticeId::new, NoticeId::get;
    TagId: TagId::new, TagId::get;
    BlockId: BlockId::new, BlockId::get;
    BulkJobId: BulkJobId::new, BulkJobId::get;
    TransferId: TransferId::new, TransferId::get;
    Timestamp: Timestamp::from_micros, Timestamp::micros;
}

impl From<Span> for Value {
    fn from(span: Span) -> Self {
        Self::Int(Some(span.micros()))
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        Self::Int(Some(day.number()))
    }
}

impl FromColumn for Day {
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
        let number = i64::from_column(row, at)?;
        Self::from_number(number).ok_or_else(|| row.inconsistent(at, "no day of the calendar"))
    }
}

impl From<PublicId> for Value {
    fn from(id: PublicId) -> Self {
        Self::from(id.as_bytes())
    }
}

impl FromColumn for PublicId {
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
        Ok(Self::from_bytes(row.get::<[u8; 16]>(at)?))
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column<K: ColumnKey>(row: &Row, at: K) -> Result<Self, StoreError> {
        let bytes = Vec::<u8>::from_column(row, at)?;
        let length = bytes.len();
        let fixed = bytes.try_into();
        fixed.map_err(|_| row.inconsistent(at, format!("{length} bytes where {N} belong")))
    }
}

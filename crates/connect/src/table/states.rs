//! The words of exports for where an order stands.

use std::collections::BTreeMap;

use xiaoer_domain::orders::OrderState;

/// What a state's words contain, the first that fits holds. Money that went back says more than a parcel that moved,
/// and that a buyer has paid more than that a seller shall send.
const WORDS: &[(OrderState, &[&str])] = &[
    (
        OrderState::PartlyRefunded,
        &["部分退款", "partly refunded", "partly_refunded", "partially refunded"],
    ),
    (OrderState::Refunded, &["退款成功", "已退款", "全额退款", "refunded"]),
    (OrderState::Closed, &["关闭", "取消", "cancel", "closed", "void"]),
    (
        OrderState::Unpaid,
        &[
            "等待买家付款",
            "待付款",
            "待支付",
            "未付款",
            "未支付",
            "等待付款",
            "unpaid",
            "pending payment",
        ],
    ),
    (
        OrderState::Completed,
        &[
            "交易成功",
            "已完成",
            "已收货",
            "已签收",
            "完成",
            "completed",
            "complete",
            "finished",
            "delivered",
        ],
    ),
    (
        OrderState::Paid,
        &[
            "部分发货",
            "待发货",
            "等待发货",
            "等待卖家发货",
            "未发货",
            "待出库",
            "等待出库",
            "备货中",
            "not shipped",
            "unshipped",
        ],
    ),
    (
        OrderState::Shipped,
        &[
            "已发货",
            "待收货",
            "待签收",
            "运输中",
            "等待确认收货",
            "等待买家确认",
            "已出库",
            "shipped",
            "in transit",
        ],
    ),
    (OrderState::Paid, &["已付款", "已支付", "paid", "processing"]),
];

/// What words for something after the sale say of the order itself.
const AFTERSALE: &[(OrderState, &[&str])] = &[
    (OrderState::PartlyRefunded, &["部分退款"]),
    (OrderState::Refunded, &["退款成功", "全额退款", "已退款", "refunded"]),
];

/// The state that the words of an export mean; `own` are words that a person has explained.
pub(super) fn read(text: &str, own: &BTreeMap<String, OrderState>) -> Option<OrderState> {
    own.get(text).copied().or_else(|| find(text, WORDS))
}

/// What happened after the sale, if it changes where the order stands.
pub(super) fn aftersale(text: &str) -> Option<OrderState> {
    find(text, AFTERSALE)
}

fn find(text: &str, words: &[(OrderState, &[&str])]) -> Option<OrderState> {
    let text = text.to_lowercase();
    let found = words.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
    found.map(|(state, _)| *state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_marketplaces_mean_our_states() {
        for (text, state) in [
            ("等待买家付款", OrderState::Unpaid),
            ("买家已付款，等待卖家发货", OrderState::Paid),
            ("卖家已发货，等待买家确认", OrderState::Shipped),
            ("交易成功", OrderState::Completed),
            ("交易关闭", OrderState::Closed),
            ("已发货，待签收", OrderState::Shipped),
            ("未发货，退款成功", OrderState::Refunded),
            ("已取消", OrderState::Closed),
            ("等待出库", OrderState::Paid),
            ("(删除)等待付款确认", OrderState::Unpaid),
            ("Shipped", OrderState::Shipped),
            ("paid", OrderState::Paid),
            ("unpaid", OrderState::Unpaid),
            ("partly_refunded", OrderState::PartlyRefunded),
        ] {
            assert_eq!(read(text, &BTreeMap::new()), Some(state), "{text}");
        }
        assert_eq!(read("审核中", &BTreeMap::new()), None);
        let own = BTreeMap::from([("审核中".to_owned(), OrderState::Paid)]);
        assert_eq!(read("审核中", &own), Some(OrderState::Paid));
    }

    #[test]
    fn every_state_of_ours_is_understood_by_its_own_word() {
        for state in OrderState::ALL {
            assert_eq!(read(state.word(), &BTreeMap::new()), Some(state));
        }
    }

    #[test]
    fn after_the_sale_only_money_that_went_back_counts() {
        assert_eq!(aftersale("退款成功"), Some(OrderState::Refunded));
        for other in ["", "无售后", "退款中", "退款关闭"] {
            assert_eq!(aftersale(other), None, "{other}");
        }
    }
}

//! Who may give and take duties: whoever manages the shop, but an owner is made and changed by owners only.

use super::{Right, Role, may};

/// Whether one with the duties `actor` may change a person's duties from `before` to `after`. Empty: not of the shop.
#[must_use]
pub fn may_appoint(actor: &[Role], before: &[Role], after: &[Role]) -> bool {
    let touches_owner = before.contains(&Role::Owner) || after.contains(&Role::Owner);
    may(actor, Right::ManageShop) && (!touches_owner || actor.contains(&Role::Owner))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn roles() -> impl Strategy<Value = Vec<Role>> {
        proptest::sample::subsequence(Role::ALL.to_vec(), 0..=Role::ALL.len())
    }

    proptest! {
        #[test]
        fn nobody_but_an_owner_makes_or_changes_an_owner(
            actor in roles(), before in roles(), after in roles(),
        ) {
            let touched = before.contains(&Role::Owner) || after.contains(&Role::Owner);
            if touched && !actor.contains(&Role::Owner) {
                prop_assert!(!may_appoint(&actor, &before, &after));
            }
        }

        #[test]
        fn who_does_not_manage_appoints_nobody(before in roles(), after in roles()) {
            let actor = [Role::Agent, Role::Leader, Role::Supervisor, Role::Operations];
            prop_assert!(!may_appoint(&actor, &before, &after));
        }

        #[test]
        fn an_owner_appoints_anybody(before in roles(), after in roles()) {
            prop_assert!(may_appoint(&[Role::Owner], &before, &after));
        }
    }
}

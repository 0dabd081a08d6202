//! Statements: fixed texts, declared in one place per module so that tests can find them all.
//!
//! Must never hold text that was put together at run time.

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// Which store a statement belongs to: the truth, or what can be rebuilt from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Main,
    Derived,
}

/// One statement. Only [`statements!`](crate::statements) makes one.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
    place: Place,
    installation: &'static str,
}

impl Sql {
    pub(crate) const fn declared(
        name: &'static str,
        texts: (&'static str, &'static str),
        place: Place,
        installation: &'static str,
    ) -> Self {
        Self { name, sqlite: texts.0, postgres: texts.1, place, installation }
    }

    /// For tests and benches only: such a statement is prepared and judged by no test.
    pub const fn in_test(text: &'static str) -> Self {
        Self::declared("a test's statement", (text, text), Place::Main, "a test")
    }

    /// Like [`Sql::in_test`], with a text for each database.
    pub const fn in_test_both(sqlite: &'static str, postgres: &'static str) -> Self {
        Self::declared("a test's statement", (sqlite, postgres), Place::Main, "a test")
    }

    /// Name, as in its declaration.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text for one database.
    pub const fn text(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }

    /// The store it runs on.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Why it binds no shop; empty if it does.
    pub const fn installation_reason(&self) -> &'static str {
        self.installation
    }

    /// Reads as: one text serves both databases.
    pub fn is_shared(&self) -> bool {
        self.sqlite == self.postgres
    }

    /// How many values the text asks for: the greatest `$n`, or each `?` of a SQLite island.
    pub(crate) fn placeholders(&self, dialect: Dialect) -> usize {
        let text = self.text(dialect);
        let numbers = text.split('$').skip(1).filter_map(|tail| {
            let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            tail[..end].parse().ok()
        });
        numbers.max().unwrap_or_else(|| text.matches('?').count())
    }
}

/// Declares the statements of a module and the list `ALL` of them (add the module to
/// `crate::ALL`; a test reminds).
///
/// ```text
/// statements! {
///     /// The buyer of a shop.
///     pub(crate) FIND_BUYER = "SELECT id FROM buyer WHERE shop_id = $1 AND id = $2";
///     /// A dialect island: each text is prepared on its own database only.
///     pub(crate) LIST_BUYERS => {
///         sqlite: "… WHERE shop_id = $1 AND id IN (SELECT value FROM json_each($2))",
///         postgres: "… WHERE shop_id = $1 AND id = ANY($2)",
///     };
///     /// Binds no shop, and says why.
///     pub(crate) DUE_JOBS = "SELECT …", installation: "the queue serves every shop";
///     /// Runs on the derived store.
///     pub(crate) SEARCH = "SELECT …", place: Derived;
/// }
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! statements {
    ($(
        $(#[$meta:meta])*
        $vis:vis $name:ident
            $(= $one:expr)?
            $(=> { sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? })?
            $(, installation: $why:literal)?
            $(, place: $place:ident)?
        ;
    )*) => {
        $(
            $(#[$meta])*
            $vis const $name: $crate::Sql = $crate::Sql::declared(
                ::core::stringify!($name),
                $(($one, $one))? $(($sqlite, $postgres))?,
                $crate::statement_place!($($place)?),
                ::core::concat!("" $(, $why)?),
            );
        )*
        /// Every statement of this module, for the tests that prepare and judge them.
        pub(crate) const ALL: &[$crate::Sql] = &[$($name),*];
    };
}

#[macro_export]
#[doc(hidden)]
macro_rules! statement_place {
    () => {
        $crate::Place::Main
    };
    ($place:ident) => {
        $crate::Place::$place
    };
}

//! What the demonstration shop sells. Everything here is invented.

/// What a thing is, and so how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Cardigan,
    Pullover,
    Turtleneck,
    Vest,
    Trousers,
    Skirt,
    Scarf,
    Shawl,
    Beanie,
    Hat,
    Beret,
    Mittens,
    Gloves,
    Socks,
    KidsPullover,
    KidsCardigan,
    Bottle,
    Shaver,
    Bag,
    Comb,
}

/// What is knitted into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    Plain,
    Stripes,
    Cable,
    Dots,
    Check,
    Rib,
}

/// A colour of the yarn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    pub zh: &'static str,
    pub en: &'static str,
    /// The yarn, its shade, and the ground it is shown on.
    pub yarn: &'static str,
    pub shade: &'static str,
    pub ground: &'static str,
}

macro_rules! colours {
    ($($name:ident: $zh:literal, $en:literal, $yarn:literal, $shade:literal, $ground:literal;)+) => {
        $(pub const $name: Colour =
            Colour { zh: $zh, en: $en, yarn: $yarn, shade: $shade, ground: $ground };)+
    };
}

colours! {
    OAT: "燕麦色", "oat", "#D9C8A8", "#B39C74", "#F2EDE3";
    FOG: "雾蓝", "fog blue", "#8FA6BC", "#667F98", "#EAEFF4";
    RAIN: "雨青", "rain green", "#86A39B", "#5F7E75", "#E9EFEC";
    BRICK: "陶土", "terracotta", "#BE8468", "#955E43", "#F5EAE4";
    COAL: "炭灰", "charcoal", "#6E7277", "#4A4E53", "#ECEDEE";
    RICE: "米白", "ivory", "#EFE7D6", "#CDBF9F", "#F7F3EA";
    CAMEL: "驼色", "camel", "#C69C6D", "#9A7145", "#F4ECE2";
    MUSTARD: "姜黄", "mustard", "#D9A63E", "#AE7F1F", "#F8F0DD";
    MOSS: "苔绿", "moss", "#7C8A5B", "#59663C", "#EEF0E6";
    PLUM: "梅子", "plum", "#8E5A72", "#6A3E54", "#F3E9EE";
    ROSE: "藕粉", "dusty rose", "#D8A7A2", "#B27C77", "#F8EDEB";
    INK: "藏青", "navy", "#3F4E6B", "#2A364E", "#E8EBF1";
    PERSIMMON: "柿红", "persimmon", "#CC6A45", "#A24A29", "#F8E9E2";
    CLEAR: "", "", "#F3F5F2", "#3F5A48", "#EAF0EB";
}

/// The shelves.
pub const CATEGORIES: [(&str, &str); 3] = [
    ("毛衣与开衫", "Sweaters and cardigans"),
    ("围巾帽袜", "Scarves, hats and socks"),
    ("童装与洗护", "Kids and care"),
];

/// Something to sell.
#[derive(Clone, Copy, Debug)]
pub struct Good {
    pub sku: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
    pub shape: Shape,
    pub pattern: Pattern,
    pub colour: Colour,
    /// Fen.
    pub price: i64,
    /// Which shelf.
    pub category: usize,
    /// Whether it comes in sizes.
    pub sized: bool,
    /// What it is made of.
    pub made_of: (&'static str, &'static str),
}

const WOOL: (&str, &str) = ("70% 绵羊毛，30% 腈纶", "70 % wool, 30 % acrylic");
const MERINO: (&str, &str) = ("100% 美丽诺羊毛", "100 % merino wool");
const BLEND: (&str, &str) = ("65% 羊毛，35% 棉", "65 % wool, 35 % cotton");
const CASHMERE: (&str, &str) = ("90% 羊毛，10% 羊绒", "90 % wool, 10 % cashmere");
const COTTON: (&str, &str) = ("80% 棉，18% 羊毛，2% 氨纶", "80 % cotton, 18 % wool, 2 % elastane");
const OTHER: (&str, &str) = ("洗护用品", "Care");

macro_rules! goods {
    ($($sku:literal $zh:literal $en:literal $shape:ident $pattern:ident $colour:ident $price:literal $category:literal $sized:ident $made:ident;)+) => {
        /// Everything on the shelves, oldest first.
        pub const GOODS: &[Good] = &[$(Good {
            sku: $sku, zh: $zh, en: $en, shape: Shape::$shape, pattern: Pattern::$pattern, colour: $colour,
            price: $price, category: $category, sized: goods!(@ $sized), made_of: $made,
        }),+];
    };
    (@ sized) => { true };
    (@ one) => { false };
}

goods! {
    "QH-101" "翻领羊毛开衫 燕麦色 M" "Shawl-collar cardigan, oat, M" Cardigan Plain OAT 32900 0 one WOOL;
    "QH-102" "翻领羊毛开衫 雾蓝 L" "Shawl-collar cardigan, fog blue, L" Cardigan Plain FOG 32900 0 one WOOL;
    "QH-203" "麻花圆领毛衣 炭灰 M" "Cable sweater, charcoal, M" Pullover Cable COAL 29900 0 one WOOL;
    "QH-204" "半高领打底衫 米白 S" "Mock-neck base layer, ivory, S" Turtleneck Rib RICE 15900 0 one COTTON;
    "QH-305" "雾蓝羊绒围巾" "Fog blue cashmere scarf" Scarf Plain FOG 18900 1 one CASHMERE;
    "QH-306" "粗针渔夫帽 驼色" "Chunky bucket hat, camel" Hat Rib CAMEL 8950 1 one WOOL;
    "QH-407" "羊毛混纺阔腿裤 炭灰 M" "Wide wool-blend trousers, charcoal, M" Trousers Plain COAL 25900 0 one BLEND;
    "QH-508" "羊毛洗护液 500 毫升" "Wool wash, 500 ml" Bottle Plain CLEAR 3990 2 one OTHER;
    "QH-509" "毛球修剪器" "Fabric shaver" Shaver Plain CLEAR 4900 2 one OTHER;
    "QH-610" "儿童套头毛衣 姜黄 110" "Kids’ sweater, mustard, 110" KidsPullover Dots MUSTARD 16900 2 one BLEND;
    "QH-111" "麦穗纹开衫 燕麦色" "Wheat-ear cardigan, oat" Cardigan Cable OAT 36800 0 sized BLEND;
    "QH-112" "麦穗纹开衫 雨青" "Wheat-ear cardigan, rain green" Cardigan Cable RAIN 36800 0 sized BLEND;
    "QH-113" "麦穗纹开衫 陶土" "Wheat-ear cardigan, terracotta" Cardigan Cable BRICK 36800 0 sized BLEND;
    "QH-114" "短款小香开衫 米白" "Cropped cardigan, ivory" Cardigan Check RICE 27900 0 sized BLEND;
    "QH-115" "短款小香开衫 藏青" "Cropped cardigan, navy" Cardigan Check INK 27900 0 sized BLEND;
    "QH-116" "长款口袋开衫 苔绿" "Long pocket cardigan, moss" Cardigan Rib MOSS 39900 0 sized WOOL;
    "QH-117" "长款口袋开衫 梅子" "Long pocket cardigan, plum" Cardigan Rib PLUM 39900 0 sized WOOL;
    "QH-118" "条纹海岸开衫 藏青" "Coast stripe cardigan, navy" Cardigan Stripes INK 31900 0 sized COTTON;
    "QH-211" "麻花圆领毛衣 柿红" "Cable sweater, persimmon" Pullover Cable PERSIMMON 29900 0 sized WOOL;
    "QH-212" "麻花圆领毛衣 米白" "Cable sweater, ivory" Pullover Cable RICE 29900 0 sized WOOL;
    "QH-213" "美丽诺圆领衫 雾蓝" "Merino crew neck, fog blue" Pullover Plain FOG 25900 0 sized MERINO;
    "QH-214" "美丽诺圆领衫 藕粉" "Merino crew neck, dusty rose" Pullover Plain ROSE 25900 0 sized MERINO;
    "QH-215" "美丽诺圆领衫 炭灰" "Merino crew neck, charcoal" Pullover Plain COAL 25900 0 sized MERINO;
    "QH-216" "海魂条纹毛衣 藏青" "Breton sweater, navy" Pullover Stripes INK 23900 0 sized COTTON;
    "QH-217" "海魂条纹毛衣 柿红" "Breton sweater, persimmon" Pullover Stripes PERSIMMON 23900 0 sized COTTON;
    "QH-218" "雪点提花毛衣 雨青" "Snow-dot jacquard sweater, rain green" Pullover Dots RAIN 33900 0 sized WOOL;
    "QH-219" "雪点提花毛衣 梅子" "Snow-dot jacquard sweater, plum" Pullover Dots PLUM 33900 0 sized WOOL;
    "QH-221" "高领羊绒混纺毛衣 驼色" "Roll-neck cashmere blend, camel" Turtleneck Plain CAMEL 45900 0 sized CASHMERE;
    "QH-222" "高领羊绒混纺毛衣 藏青" "Roll-neck cashmere blend, navy" Turtleneck Plain INK 45900 0 sized CASHMERE;
    "QH-223" "坑条高领打底 姜黄" "Ribbed roll neck, mustard" Turtleneck Rib MUSTARD 17900 0 sized COTTON;
    "QH-224" "坑条高领打底 苔绿" "Ribbed roll neck, moss" Turtleneck Rib MOSS 17900 0 sized COTTON;
    "QH-231" "菱格背心 燕麦色" "Argyle vest, oat" Vest Check OAT 19900 0 sized WOOL;
    "QH-232" "菱格背心 苔绿" "Argyle vest, moss" Vest Check MOSS 19900 0 sized WOOL;
    "QH-411" "针织百褶半裙 炭灰" "Pleated knit skirt, charcoal" Skirt Rib COAL 22900 0 sized BLEND;
    "QH-412" "针织百褶半裙 陶土" "Pleated knit skirt, terracotta" Skirt Rib BRICK 22900 0 sized BLEND;
    "QH-311" "格纹流苏围巾 柿红" "Checked fringe scarf, persimmon" Scarf Check PERSIMMON 12900 1 one WOOL;
    "QH-312" "格纹流苏围巾 苔绿" "Checked fringe scarf, moss" Scarf Check MOSS 12900 1 one WOOL;
    "QH-313" "条纹长围巾 藕粉" "Long striped scarf, dusty rose" Scarf Stripes ROSE 11900 1 one WOOL;
    "QH-314" "羊绒混纺披肩 驼色" "Cashmere-blend shawl, camel" Shawl Plain CAMEL 29900 1 one CASHMERE;
    "QH-315" "羊绒混纺披肩 梅子" "Cashmere-blend shawl, plum" Shawl Stripes PLUM 29900 1 one CASHMERE;
    "QH-321" "毛球针织帽 米白" "Pompom beanie, ivory" Beanie Cable RICE 7900 1 one WOOL;
    "QH-322" "毛球针织帽 柿红" "Pompom beanie, persimmon" Beanie Rib PERSIMMON 7900 1 one WOOL;
    "QH-323" "雪点毛线帽 藏青" "Snow-dot beanie, navy" Beanie Dots INK 8500 1 one WOOL;
    "QH-324" "羊毛贝雷帽 梅子" "Wool beret, plum" Beret Plain PLUM 9900 1 one WOOL;
    "QH-325" "羊毛贝雷帽 燕麦色" "Wool beret, oat" Beret Plain OAT 9900 1 one WOOL;
    "QH-331" "连指手套 雨青" "Mittens, rain green" Mittens Dots RAIN 6900 1 one WOOL;
    "QH-332" "连指手套 柿红" "Mittens, persimmon" Mittens Cable PERSIMMON 6900 1 one WOOL;
    "QH-333" "触屏五指手套 炭灰" "Touchscreen gloves, charcoal" Gloves Rib COAL 5900 1 one COTTON;
    "QH-341" "麻花中筒袜 燕麦色" "Cable socks, oat" Socks Cable OAT 3900 1 one COTTON;
    "QH-342" "条纹中筒袜 雾蓝" "Striped socks, fog blue" Socks Stripes FOG 3900 1 one COTTON;
    "QH-343" "圆点地板袜 藕粉" "Dotted house socks, dusty rose" Socks Dots ROSE 4500 1 one COTTON;
    "QH-344" "羊毛登山袜 苔绿" "Wool hiking socks, moss" Socks Rib MOSS 5500 1 one MERINO;
    "QH-611" "儿童套头毛衣 雾蓝" "Kids’ sweater, fog blue" KidsPullover Stripes FOG 16900 2 sized BLEND;
    "QH-612" "儿童雪点毛衣 柿红" "Kids’ snow-dot sweater, persimmon" KidsPullover Dots PERSIMMON 17900 2 sized BLEND;
    "QH-613" "儿童开衫 藕粉" "Kids’ cardigan, dusty rose" KidsCardigan Plain ROSE 18900 2 sized BLEND;
    "QH-614" "儿童麻花开衫 苔绿" "Kids’ cable cardigan, moss" KidsCardigan Cable MOSS 19900 2 sized BLEND;
    "QH-621" "宝宝毛线帽 姜黄" "Baby beanie, mustard" Beanie Stripes MUSTARD 4900 2 one MERINO;
    "QH-622" "宝宝地板袜 雨青" "Baby house socks, rain green" Socks Dots RAIN 2900 2 one COTTON;
    "QH-511" "羊毛衣物洗衣袋" "Laundry bag for wool" Bag Plain CLEAR 2500 2 one OTHER;
    "QH-512" "除毛球木梳" "Wooden sweater comb" Comb Plain CAMEL 3500 2 one OTHER;
}

impl Good {
    /// Without the size and colour in its title.
    #[must_use]
    pub fn short(&self) -> &'static str {
        self.zh.split(' ').next().unwrap_or(self.zh)
    }

    /// Whether it is for children.
    #[must_use]
    pub fn is_for_kids(&self) -> bool {
        matches!(self.shape, Shape::KidsPullover | Shape::KidsCardigan)
    }

    /// Whether it is knitted, and so asks for care.
    #[must_use]
    pub fn is_knitted(&self) -> bool {
        !matches!(self.shape, Shape::Bottle | Shape::Shaver | Shape::Bag | Shape::Comb)
    }
}

/// The good with this stock code.
#[must_use]
pub fn good(sku: &str) -> Option<&'static Good> {
    GOODS.iter().find(|good| good.sku == sku)
}

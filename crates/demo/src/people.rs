//! Who works in the demonstration shop, and who buys there. All of them are invented.

use xiaoer_domain::team::Role;

use crate::dice::Dice;
use crate::talk::Tongue;

/// Customers of the full shop.
pub const BUYERS: usize = 2_000;
/// The first customer number.
pub const FIRST_NUMBER: usize = 3_001;
/// Of a hundred buyers so many write English.
const ENGLISH_PERCENT: u64 = 7;

/// When somebody works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    Day,
    Evening,
    /// Is there, but not at the desk.
    Office,
}

/// Somebody who works here.
pub struct Worker {
    pub login: &'static str,
    pub name: &'static str,
    pub lang: &'static str,
    /// Known to everybody: the demonstration listens on loopback only.
    pub password: &'static str,
    pub roles: &'static [Role],
    pub shift: Shift,
}

macro_rules! workers {
    ($($login:literal $name:literal $lang:literal $password:literal $shift:ident [$($role:ident)+];)+) => {
        /// Everybody who works here.
        pub const WORKERS: &[Worker] = &[$(Worker {
            login: $login, name: $name, lang: $lang, password: $password, shift: Shift::$shift,
            roles: &[$(Role::$role),+],
        }),+];
    };
}

workers! {
    "xiaoman" "小满" "zh-CN" "xiaoman-demo" Day [Agent];
    "guyu" "谷雨" "zh-CN" "guyu-demo-1" Day [Agent Leader];
    "bailu" "白露" "zh-CN" "bailu-demo" Day [Agent];
    "lixia" "立夏" "en" "lixia-demo" Day [Agent];
    "qiufen" "秋分" "zh-CN" "qiufen-demo" Evening [Agent];
    "jingzhe" "惊蛰" "zh-CN" "jingzhe-demo" Evening [Agent Leader];
    "xiaoxue" "小雪" "zh-CN" "xiaoxue-demo" Evening [Agent Supervisor];
    "owner" "店主" "zh-CN" "owner-demo" Office [Owner];
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Number in the shop.
    pub number: String,
    /// What the customer is called here.
    pub name: String,
    /// Which language the customer writes.
    pub tongue: Tongue,
}

/// Those whom the pages of the demonstration name.
const KNOWN: [&str; 8] =
    ["王小姐", "陈先生", "周晚晴", "何太太", "许知远山", "林阿姨", "沈一苇", "叶小禾"];
const SURNAMES: [&str; 24] = [
    "苏", "顾", "温", "白", "江", "余", "方", "陆", "钟", "乔", "宋", "黎", "田", "罗", "唐", "夏",
    "孟", "简", "卓", "纪", "蓝", "安", "程", "路",
];
const GIVEN: [&str; 30] = [
    "晚晴", "知秋", "一禾", "小舟", "望舒", "青木", "念慈", "时雨", "以宁", "若谷", "清和", "未央",
    "南乔", "向晚", "亦安", "初一", "朝露", "长河", "予安", "听澜", "星野", "半夏", "可颂", "千寻",
    "见微", "云起", "书桐", "明远", "子衿", "冬至",
];
const FIRST: [&str; 22] = [
    "慢吞吞的",
    "爱晒太阳的",
    "不吃香菜的",
    "早起的",
    "山里的",
    "海边的",
    "隔壁的",
    "会织围巾的",
    "怕冷的",
    "下雨天的",
    "三楼的",
    "睡不醒的",
    "打毛线的",
    "半糖的",
    "路过的",
    "收集纽扣的",
    "骑车的",
    "养猫的",
    "爱喝茶的",
    "戴眼镜的",
    "秋天的",
    "乱跑的",
];
const SECOND: [&str; 26] = [
    "橘猫",
    "栗子",
    "小麦",
    "芦苇",
    "萝卜",
    "柿子",
    "云朵",
    "松果",
    "毛球",
    "企鹅",
    "布丁",
    "土豆",
    "月亮",
    "山雀",
    "年糕",
    "橙子",
    "汤圆",
    "桂花",
    "石头",
    "海豹",
    "蒲公英",
    "豆沙包",
    "番薯",
    "小鹿",
    "竹子",
    "棉花",
];
const ENGLISH_FIRST: [&str; 20] = [
    "Anna", "Nora", "Milo", "Greta", "Theo", "Ida", "Oscar", "Ruth", "Leo", "Maya", "Finn",
    "Clara", "Hugo", "Elsa", "Ben", "Iris", "Jonas", "Tessa", "Adam", "Vera",
];
const ENGLISH_LAST: [&str; 20] = [
    "Holm", "Fairwood", "Quill", "Brook", "Lindgate", "Marrow", "Ashby", "Pell", "Thorne", "Vale",
    "Wick", "Dunmore", "Harrow", "Kestrel", "Lowell", "Merrin", "Norland", "Oakes", "Rill",
    "Sedge",
];

/// The customers of the full shop.
#[must_use]
pub fn people(seed: u64) -> Vec<Person> {
    let mut dice = Dice::of(seed, 1);
    (0..BUYERS)
        .map(|at| {
            let is_english = at >= KNOWN.len() && dice.happens(ENGLISH_PERCENT);
            let tongue = if is_english { Tongue::English } else { Tongue::Chinese };
            let made = name(&mut dice, tongue);
            let name = KNOWN.get(at).map_or(made, |known| (*known).to_owned());
            Person { number: (FIRST_NUMBER + at).to_string(), name, tongue }
        })
        .collect()
}

fn name(dice: &mut Dice, tongue: Tongue) -> String {
    match tongue {
        Tongue::English => format!("{} {}", dice.one(&ENGLISH_FIRST), dice.one(&ENGLISH_LAST)),
        Tongue::Chinese if dice.happens(45) => {
            format!("{}{}", dice.one(&SURNAMES), dice.one(&GIVEN))
        }
        Tongue::Chinese => format!("{}{}", dice.one(&FIRST), dice.one(&SECOND)),
    }
}

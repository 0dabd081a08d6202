//! Pictures of the goods: flat drawings, made from their shape, pattern and colour.

use crate::goods::{Good, Pattern, Shape};

/// The picture of a good, as SVG.
#[must_use]
pub fn picture(good: &Good) -> String {
    let (yarn, shade, ground) = (good.colour.yarn, good.colour.shade, good.colour.ground);
    let Drawing { body, over } = drawing(good.shape);
    let knit = knit(good.pattern, shade, ground);
    let over = over.replace("YARN", yarn).replace("SHADE", shade).replace("GROUND", ground);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 130\">\
         <defs><clipPath id=\"b\">{body}</clipPath>\
         <pattern id=\"s\" width=\"3\" height=\"2.6\" patternUnits=\"userSpaceOnUse\">\
         <path d=\"M0 0q.8.3 1.5 2.100Q2.2.3 3 0\" fill=\"none\" stroke=\"{shade}\" stroke-opacity=\".28\" stroke-width=\".5\"/></pattern></defs>\
         <rect width=\"120\" height=\"130\" fill=\"{ground}\"/>\
         <g fill=\"{yarn}\">{body}</g><g clip-path=\"url(#b)\">{stitch}{knit}</g>{over}</svg>\n",
        stitch = if good.is_knitted() {
            "<rect width=\"120\" height=\"130\" fill=\"url(#s)\"/>"
        } else {
            ""
        },
    )
}

/// The outline, and what lies over the knit.
struct Drawing {
    body: &'static str,
    over: &'static str,
}

/// What repeats over the whole of it.
fn knit(pattern: Pattern, shade: &str, ground: &str) -> String {
    match pattern {
        Pattern::Plain => String::new(),
        Pattern::Stripes => (0..12)
            .map(|n| format!("<rect y=\"{}\" width=\"120\" height=\"4.5\" fill=\"{ground}\" fill-opacity=\".8\"/>", 14 + n * 10))
            .collect(),
        Pattern::Rib => (0..30)
            .map(|n| {
                let x = 2 + n * 4;
                format!("<path d=\"M{x} 0v130\" stroke=\"{shade}\" stroke-opacity=\".42\" stroke-width=\"1.1\"/>")
            })
            .collect(),
        Pattern::Dots => (0..10)
            .flat_map(|row| (0..12).map(move |n| (6 + n * 10 + (row % 2) * 5, 14 + row * 11)))
            .map(|(x, y)| format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"1.8\" fill=\"{ground}\"/>"))
            .collect(),
        Pattern::Check => checks(shade, ground),
        Pattern::Cable => [32, 46, 60, 74, 88].into_iter().map(|x| cable(x, shade)).collect(),
    }
}

fn checks(shade: &str, ground: &str) -> String {
    let lozenge = |(x, y): (i32, i32)| {
        format!("<path d=\"M{x} {}l7 9-7 9-7-9z\" fill=\"{shade}\" fill-opacity=\".5\"/>", y - 9)
    };
    let mut all: String = (0..7)
        .flat_map(|row| (0..9).map(move |n| (4 + n * 14, 13 + row * 18)))
        .map(lozenge)
        .collect();
    for n in -8..17 {
        let x = n * 14 - 3;
        all.push_str(&format!(
            "<path d=\"M{x} 0l101 130M{} 0l-101 130\" stroke=\"{ground}\" stroke-opacity=\".75\" stroke-width=\".7\"/>",
            x + 8
        ));
    }
    all
}

/// Two strands that cross again and again.
fn cable(x: i32, shade: &str) -> String {
    let mut left = format!("M{} 0", x - 3);
    let mut right = format!("M{} 0", x + 3);
    for n in 0..11 {
        let (from, to) = if n % 2 == 0 { (x - 3, x + 3) } else { (x + 3, x - 3) };
        let (y, end) = (n * 12 + 6, n * 12 + 12);
        left.push_str(&format!("Q{from} {y} {x} {y}T{to} {end}"));
        right.push_str(&format!("Q{to} {y} {x} {y}T{from} {end}"));
    }
    format!(
        "<path d=\"{left}\" fill=\"none\" stroke=\"{shade}\" stroke-opacity=\".75\" stroke-width=\"1.7\"/>\
         <path d=\"{right}\" fill=\"none\" stroke=\"{shade}\" stroke-opacity=\".45\" stroke-width=\"1.7\"/>"
    )
}

fn drawing(shape: Shape) -> Drawing {
    match shape {
        Shape::Cardigan | Shape::KidsCardigan => cardigan(shape),
        Shape::Pullover | Shape::KidsPullover | Shape::Turtleneck | Shape::Vest => sweater(shape),
        Shape::Trousers | Shape::Skirt => lower(shape),
        Shape::Scarf | Shape::Shawl => wrap(shape),
        Shape::Beanie | Shape::Hat | Shape::Beret => head(shape),
        Shape::Mittens | Shape::Gloves | Shape::Socks => hands_and_feet(shape),
        Shape::Bottle | Shape::Shaver | Shape::Bag | Shape::Comb => care(shape),
    }
}

fn cardigan(shape: Shape) -> Drawing {
    if shape == Shape::KidsCardigan {
        return Drawing {
            body: "<path d=\"M44 32l8-4q8 6 16 0l8 4q5 2 7 8l12 34-13 5-6-15v37q-16 3-32 0V64l-6 15-13-5 12-34q2-6 7-8z\"/>",
            over: "<path d=\"M52 28q8 6 16 0-1.5 10-8 17-6.5-7-8-17z\" fill=\"GROUND\"/>\
                <path d=\"M60 45v58\" stroke=\"SHADE\" stroke-width=\"3\"/>\
                <path d=\"M44 96q16 3 32 0v5q-16 3-32 0zM26.5 70l13 5-1 4-13-5zM93.5 70l-13 5 1 4 13-5z\" fill=\"SHADE\" fill-opacity=\".55\"/>\
                <g fill=\"GROUND\"><circle cx=\"60\" cy=\"53\" r=\"2.2\"/><circle cx=\"60\" cy=\"66\" r=\"2.2\"/><circle cx=\"60\" cy=\"79\" r=\"2.2\"/><circle cx=\"60\" cy=\"92\" r=\"2.2\"/></g>",
        };
    }
    Drawing {
        body: "<path d=\"M38 26l12-6q10 8 20 0l12 6q7 3 9 11l14 53-16 6-9-31v47q-20 3-40 0V65l-9 31-16-6 14-53q2-8 9-11z\"/>",
        over: "<path d=\"M50 20q10 8 20 0-2 16-10 25-8-9-10-25z\" fill=\"GROUND\"/>\
            <path d=\"M50 20l-4 2q3 17 12 26v64h4V48q9-9 12-26l-4-2q-2 16-10 25-8-9-10-25z\" fill=\"SHADE\" fill-opacity=\".62\"/>\
            <path d=\"M40 105q20 3 40 0v7q-20 3-40 0zM17 83l16 6-2 7-16-6zM103 83l-16 6 2 7 16-6z\" fill=\"SHADE\" fill-opacity=\".5\"/>\
            <path d=\"M40 66V52M80 66V52\" stroke=\"SHADE\" stroke-width=\"1.2\" fill=\"none\"/>\
            <g fill=\"GROUND\"><circle cx=\"60\" cy=\"58\" r=\"2.1\"/><circle cx=\"60\" cy=\"72\" r=\"2.1\"/><circle cx=\"60\" cy=\"86\" r=\"2.1\"/><circle cx=\"60\" cy=\"100\" r=\"2.1\"/></g>",
    }
}

fn sweater(shape: Shape) -> Drawing {
    match shape {
        Shape::KidsPullover => Drawing {
            body: "<path d=\"M44 32l7-4h18l7 4q5 2 7 8l12 34-13 5-6-15v37q-16 3-32 0V64l-6 15-13-5 12-34q2-6 7-8z\"/>",
            over: "<path d=\"M51 28h18q-2 9-9 9t-9-9z\" fill=\"GROUND\"/><path d=\"M51 28q2 9 9 9t9-9\" fill=\"none\" stroke=\"SHADE\" stroke-width=\"3\"/>\
                <path d=\"M44 96q16 3 32 0v5q-16 3-32 0zM26.5 70l13 5-1 4-13-5zM93.5 70l-13 5 1 4 13-5z\" fill=\"SHADE\" fill-opacity=\".6\"/>",
        },
        Shape::Vest => Drawing {
            body: "<path d=\"M44 24l9-4 7 3 7-3 9 4q-2 16 8 26v60q-24 4-48 0V50q10-10 8-26z\"/>",
            over: "<path d=\"M52 20l8 30 8-30-8 4z\" fill=\"GROUND\"/><path d=\"M51 21l9 30 9-30\" fill=\"none\" stroke=\"SHADE\" stroke-width=\"3.5\"/>\
                <path d=\"M44 24q2 16-8 26M76 24q-2 16 8 26\" fill=\"none\" stroke=\"SHADE\" stroke-width=\"3.5\"/>\
                <path d=\"M36 102q24 4 48 0v8q-24 4-48 0z\" fill=\"SHADE\" fill-opacity=\".7\"/>",
        },
        Shape::Turtleneck => Drawing {
            body: "<path d=\"M38 30l10-5V11q12-4 24 0v14l10 5q7 3 9 11l12 50-15 5-8-29v45q-20 3-40 0V67l-8 29-15-5 12-50q2-8 9-11z\"/>",
            over: "<path d=\"M48 11q12-4 24 0v15q-12 5-24 0z\" fill=\"SHADE\" fill-opacity=\".55\"/>\
                <path d=\"M48 18q12-3 24 0\" fill=\"none\" stroke=\"SHADE\" stroke-width=\"1.2\"/>\
                <path d=\"M40 105q20 3 40 0v7q-20 3-40 0zM19 85l15 5-2 6-15-5zM101 85l-15 5 2 6 15-5z\" fill=\"SHADE\" fill-opacity=\".55\"/>",
        },
        _ => Drawing {
            body: "<path d=\"M38 27l11-6h22l11 6q7 3 9 11l13 52-16 6-8-30v46q-20 3-40 0V66l-8 30-16-6 13-52q2-8 9-11z\"/>",
            over: "<path d=\"M49 21h22q-2 11-11 11t-11-11z\" fill=\"GROUND\"/><path d=\"M49 21q2 11 11 11t11-11\" fill=\"none\" stroke=\"SHADE\" stroke-width=\"4\"/>\
                <path d=\"M40 105q20 3 40 0v7q-20 3-40 0zM18 84l16 6-2 6-16-6zM102 84l-16 6 2 6 16-6z\" fill=\"SHADE\" fill-opacity=\".6\"/>\
                <path d=\"M40 66V54M80 66V54\" stroke=\"SHADE\" stroke-width=\"1.2\" fill=\"none\"/>",
        },
    }
}

fn lower(shape: Shape) -> Drawing {
    if shape == Shape::Skirt {
        return Drawing {
            body: "<path d=\"M42 28h36l18 74q-36 10-72 0z\"/>",
            over: "<path d=\"M42 28h36l2 9H40z\" fill=\"SHADE\" fill-opacity=\".8\"/>\
                <path d=\"M46 37l-12 68M55 37l-5 70M65 37l5 70M74 37l12 68\" stroke=\"SHADE\" stroke-width=\"1.4\" fill=\"none\"/>",
        };
    }
    Drawing {
        body: "<path d=\"M40 16h40l10 96q-12 4-24 0L60 52l-6 60q-12 4-24 0z\"/>",
        over: "<path d=\"M40 16h40l1.2 9H38.800z\" fill=\"SHADE\" fill-opacity=\".75\"/>\
            <path d=\"M60 25v27M48 30l-7 80M72 30l7 80\" stroke=\"SHADE\" stroke-opacity=\".8\" stroke-width=\"1\" fill=\"none\"/>\
            <path d=\"M55 26q5 4 5 12q0-8 5-12\" stroke=\"GROUND\" stroke-width=\"1.3\" fill=\"none\"/>",
    }
}

fn wrap(shape: Shape) -> Drawing {
    if shape == Shape::Shawl {
        return Drawing {
            body: "<path d=\"M12 34q48-22 96 0L78 98q-18 14-36 0z\"/>",
            over: "<path d=\"M12 34q48-22 96 0l-3 6q-45-19-90 0z\" fill=\"SHADE\" fill-opacity=\".6\"/>\
                <path d=\"M60 24v81M60 24Q44 62 42 98M60 24q16 38 18 74\" stroke=\"SHADE\" stroke-opacity=\".55\" stroke-width=\"1.2\" fill=\"none\"/>\
                <path d=\"M42 98l-2 8m7-4l-2 9m8-6l-1 9m8-8v9m7-9l1 9m6-12l2 9m3-14l3 8\" stroke=\"YARN\" stroke-width=\"2\" stroke-linecap=\"round\" fill=\"none\"/>",
        };
    }
    Drawing {
        body: "<path d=\"M36 26q24-14 48 0 7 9 0 17-5 5-12 7l8 60H60l-4-56q-14-2-20-11-6-9 0-17z\"/>",
        over: "<path d=\"M38 27q22 12 45 3M37 41q18 12 38 8\" stroke=\"SHADE\" stroke-width=\"1.8\" fill=\"none\"/>\
            <path d=\"M56 54q10 0 16-4l1.5 8q-8 4-17 4z\" fill=\"SHADE\" fill-opacity=\".45\"/>\
            <path d=\"M62 110l-1 10m5-10v10m5-10v10m5-10l1 10\" stroke=\"YARN\" stroke-width=\"2.2\" stroke-linecap=\"round\"/>\
            <path d=\"M49 28q11-7 22 0-11 6-22 0z\" fill=\"GROUND\"/>",
    }
}

fn head(shape: Shape) -> Drawing {
    match shape {
        Shape::Hat => Drawing {
            body: "<path d=\"M36 62q0-34 24-34t24 34l18 22q-42 18-84 0z\"/>",
            over: "<path d=\"M36 62q24 9 48 0l2.5 7q-26.5 10-53 0z\" fill=\"SHADE\" fill-opacity=\".75\"/>\
                <path d=\"M18 84q42 18 84 0l-2-3q-40 16-80 0z\" fill=\"SHADE\" fill-opacity=\".6\"/>\
                <path d=\"M28 76q32 12 64 0\" stroke=\"SHADE\" stroke-opacity=\".5\" stroke-width=\"1\" fill=\"none\"/>",
        },
        Shape::Beret => Drawing {
            body: "<path d=\"M16 66q0-26 46-28 42 2 42 24 0 16-22 20-30 6-50 2-16-4-16-18z\"/>",
            over: "<path d=\"M34 85q24 4 46-3l2 8q-24 8-46 3z\" fill=\"SHADE\"/>\
                <path d=\"M61 38q-2-6 3-9\" stroke=\"SHADE\" stroke-width=\"3\" stroke-linecap=\"round\" fill=\"none\"/>\
                <path d=\"M62 40Q34 48 30 82M62 40q24 8 22 41M62 40q0 22-4 46\" stroke=\"SHADE\" stroke-opacity=\".5\" stroke-width=\"1\" fill=\"none\"/>",
        },
        _ => Drawing {
            body: "<path d=\"M30 88V68q0-34 30-34t30 34v20z\"/>",
            over: "<path d=\"M27 82h66q3 0 3 3v14q0 3-3 3H27q-3 0-3-3V85q0-3 3-3z\" fill=\"SHADE\"/>\
                <path d=\"M33 84v16m9-16v16m9-16v16m9-16v16m9-16v16m9-16v16m9-16v16\" stroke=\"YARN\" stroke-opacity=\".55\" stroke-width=\"1.6\"/>\
                <circle cx=\"60\" cy=\"28\" r=\"11\" fill=\"GROUND\"/><circle cx=\"60\" cy=\"28\" r=\"11\" fill=\"SHADE\" fill-opacity=\".55\"/>\
                <path d=\"M53 22l14 12m0-12L53 34m7-16v20m-10-10h20\" stroke=\"GROUND\" stroke-opacity=\".8\" stroke-width=\"1.4\" stroke-linecap=\"round\"/>",
        },
    }
}

fn hands_and_feet(shape: Shape) -> Drawing {
    match shape {
        Shape::Mittens => Drawing {
            body: "<path d=\"M22 96V50q0-20 14-20t14 20v8q6-8 10-4 3 4-3 13l-7 13v16zM98 96V50q0-20-14-20T70 50v8q-6-8-10-4-3 4 3 13l7 13v16z\"/>",
            over: "<path d=\"M19 90h34v14H19zM67 90h34v14H67z\" fill=\"SHADE\"/>\
                <path d=\"M24 92v10m6-10v10m6-10v10m6-10v10m6-10v10M72 92v10m6-10v10m6-10v10m6-10v10m6-10v10\" stroke=\"YARN\" stroke-opacity=\".6\" stroke-width=\"1.5\"/>",
        },
        Shape::Gloves => Drawing {
            body: "<path d=\"M38 102V72L25 57q-3-5 1-7 4-1 7 3l7 8V30q0-5 4.5-5t4.5 5v24h2V22q0-5 4.5-5t4.5 5v32h2V25q0-5 4.5-5t4.5 5v31h2V34q0-5 4-5t4 5v38q0 12-6 18v12z\"/>",
            over: "<path d=\"M36 94h44v14H36z\" fill=\"SHADE\"/><path d=\"M42 96v10m7-10v10m7-10v10m7-10v10m7-10v10\" stroke=\"YARN\" stroke-opacity=\".6\" stroke-width=\"1.6\"/>\
                <path d=\"M51 22.500q0-5.5 4.5-5.500t4.5 5.500V28h-9z\" fill=\"GROUND\" fill-opacity=\".8\"/>",
        },
        _ => Drawing {
            body: "<path d=\"M22 18h22v46q0 6 6 10l16 12q8 7 2 14-6 6-15 2L30 90q-8-5-8-14zM64 18h22v40q0 6 6 10l14 11q8 7 2 14-6 6-15 2L72 84q-8-5-8-14z\"/>",
            over: "<path d=\"M20 16h26v11H20zM62 16h26v11H62z\" fill=\"SHADE\"/>\
                <path d=\"M56 79q10 7 12 8 7 7 0 13-6 6-15 2 12-6 3-23zM98 72q8 6 9 7 7 7 1 14-6 6-15 2 12-6 5-23zM23 80q10-6 16 2l-6 9q-9-5-10-11zM65 74q10-6 16 2l-6 9q-9-5-10-11z\" fill=\"SHADE\" fill-opacity=\".75\"/>",
        },
    }
}

fn care(shape: Shape) -> Drawing {
    match shape {
        Shape::Bottle => Drawing {
            body: "<path d=\"M42 50q0-8 8-10h20q8 2 8 10v58q0 6-6 6H48q-6 0-6-6z\" stroke=\"#3F5A48\" stroke-opacity=\".25\"/>",
            over: "<path d=\"M51 22h18v18H51z\" fill=\"SHADE\"/><path d=\"M49 18h22v8H49z\" fill=\"SHADE\"/>\
                <path d=\"M42 62h36v32H42z\" fill=\"#86A39B\"/><path d=\"M60 68q-9 8-9 14 0 7 9 7t9-7q0-6-9-14z\" fill=\"#F3F5F2\"/>\
                <path d=\"M56 82q0 4 4 4\" stroke=\"#86A39B\" stroke-width=\"1.5\" fill=\"none\" stroke-linecap=\"round\"/>",
        },
        Shape::Shaver => Drawing {
            body: "<path d=\"M46 54h28l-3 50q0 8-11 8t-11-8z\" stroke=\"#3F5A48\" stroke-opacity=\".25\"/>",
            over: "<circle cx=\"60\" cy=\"38\" r=\"24\" fill=\"SHADE\"/><circle cx=\"60\" cy=\"38\" r=\"18\" fill=\"#D5DDD8\"/>\
                <g fill=\"SHADE\"><circle cx=\"60\" cy=\"38\" r=\"2\"/><circle cx=\"52\" cy=\"34\" r=\"1.6\"/><circle cx=\"68\" cy=\"34\" r=\"1.6\"/><circle cx=\"52\" cy=\"42\" r=\"1.6\"/><circle cx=\"68\" cy=\"42\" r=\"1.6\"/><circle cx=\"60\" cy=\"28\" r=\"1.6\"/><circle cx=\"60\" cy=\"48\" r=\"1.6\"/></g>\
                <rect x=\"56\" y=\"74\" width=\"8\" height=\"16\" rx=\"4\" fill=\"#CC6A45\"/>",
        },
        Shape::Bag => Drawing {
            body: "<path d=\"M26 42h68l-5 66q0 5-6 5H37q-6 0-6-5z\" stroke=\"#3F5A48\" stroke-opacity=\".3\"/>",
            over: "<path d=\"M34 50l-4 10m12-10L30 74m22-24L31 90m31-40L32 106m40-56l-34 62m44-62l-30 62m37-48L66 112m22-24l-13 24M36 50l50 60M50 50l37 48M66 50l22 32M80 50l10 16M32 60l42 52M33 76l28 36\" stroke=\"#3F5A48\" stroke-opacity=\".2\" fill=\"none\"/>\
                <path d=\"M25 36h70v9H25z\" fill=\"SHADE\"/><path d=\"M84 40h14l4 9\" stroke=\"#CC6A45\" stroke-width=\"3\" fill=\"none\" stroke-linecap=\"round\"/>",
        },
        _ => Drawing {
            body: "<path d=\"M24 40q0-10 10-10h52q10 0 10 10v22H24z\"/>",
            over: "<path d=\"M24 56h72v7H24z\" fill=\"SHADE\"/><path d=\"M28 63v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20m6-20v20\" stroke=\"SHADE\" stroke-width=\"2.2\" stroke-linecap=\"round\"/>\
                <path d=\"M34 38q26-5 52 0M34 46q26-5 52 0\" stroke=\"SHADE\" stroke-opacity=\".5\" fill=\"none\"/>",
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::goods::GOODS;

    #[test]
    fn goods_have_pictures_of_their_own() {
        let drawn: BTreeSet<String> = GOODS.iter().map(picture).collect();
        assert!(drawn.iter().all(|svg| svg.len() < 16_000), "small enough to load by the dozen");
        // Sizes alone make no other picture.
        assert!(drawn.len() >= GOODS.len() - 1, "{}", drawn.len());
    }
}

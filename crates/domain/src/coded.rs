//! What is worded where it is read: a stable code and its parameters, never a sentence.

/// A code and its parameters, in a fixed order of (name, value).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// Stable word, see docs/PROTOCOL.md section 8.
    pub code: &'static str,
    /// Values for the sentence.
    pub params: Vec<(&'static str, String)>,
}

impl Coded {
    /// A code without parameters.
    #[must_use]
    pub const fn plain(code: &'static str) -> Self {
        Self { code, params: Vec::new() }
    }

    /// The parameters as a JSON object, names in the given order. These bytes are stored and sealed.
    #[must_use]
    pub fn params_json(&self) -> String {
        let mut json = String::from("{");
        for (i, (name, value)) in self.params.iter().enumerate() {
            if i > 0 {
                json.push(',');
            }
            push_json_text(&mut json, name);
            json.push(':');
            push_json_text(&mut json, value);
        }
        json.push('}');
        json
    }
}

pub(crate) fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            c if c < ' ' => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_a_json_object_with_escapes() {
        let coded =
            Coded { code: "x", params: vec![("a", "\"小\\满\"\n".into()), ("b", String::new())] };
        assert_eq!(coded.params_json(), r#"{"a":"\"小\\满\"\u000a","b":""}"#);
    }
}

//! How a file of orders is read: the format asked for or recognised, and the mapping of its columns.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::Deserialize;
use xiaoer_app::orders::ImportReport;
use xiaoer_connect::{Field, FileError, Format, Look, Mapping, look};
use xiaoer_domain::orders::OrderState;

use super::super::say::Say;
use super::{ImportOrders, REFUSALS_SHOWN};

/// A mapping as people write it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MappingText {
    columns: BTreeMap<String, String>,
    states: BTreeMap<String, String>,
}

/// The format of a file, and its mapping if it is none of the known ones.
pub(super) fn format_of(
    path: &Path,
    import: &ImportOrders,
) -> Result<(Format, Option<Mapping>), String> {
    if let Some(format) = import.format.format().filter(|format| *format != Format::Csv) {
        return Ok((format, None));
    }
    let file = File::open(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
    let seen = look(file).map_err(|e: FileError| e.to_string())?;
    let is_told = !import.map.is_empty() || import.mapping_text.is_some();
    match (import.format.format(), seen.format) {
        (None, Some(format)) if !is_told => return Ok((format, None)),
        (None, None) if !is_told => return Err(unknown(&seen)),
        _ => {}
    }
    let mut mapping = seen.mapping();
    if let Some(text) = &import.mapping_text {
        let read: MappingText = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).map_err(|e| format!("The mapping: {e}"))?,
            false => toml::from_str(text).map_err(|e| format!("The mapping: {e}"))?,
        };
        for (word, state) in read.states {
            let known = OrderState::from_word(&state);
            let known = known.ok_or_else(|| format!("{state} is no state; {}", states()))?;
            mapping.states.insert(word, known);
        }
        for (field, column) in read.columns {
            put(&mut mapping, &seen, &field, &column)?;
        }
    }
    for pair in &import.map {
        let (field, column) = pair
            .split_once('=')
            .ok_or_else(|| format!("{pair} is no mapping; write field=column"))?;
        put(&mut mapping, &seen, field, column)?;
    }
    Ok((Format::Csv, Some(mapping)))
}

/// Says what a column is; without a column the field is left out.
fn put(mapping: &mut Mapping, seen: &Look, field: &str, column: &str) -> Result<(), String> {
    let known = Field::from_word(field.trim());
    let known = known.ok_or_else(|| format!("{field} is no field; there are {}", fields()))?;
    let column = column.trim();
    if column.is_empty() {
        mapping.columns.remove(&known);
        return Ok(());
    }
    if !seen.columns.iter().any(|(name, _)| name == column) {
        return Err(format!("The file has no column {column}; it has {}", names(seen)));
    }
    mapping.columns.retain(|_, taken| taken != column);
    mapping.columns.insert(known, column.to_owned());
    Ok(())
}

fn unknown(seen: &Look) -> String {
    let proposed = seen.columns.iter().filter_map(|(name, field)| Some((name, (*field)?)));
    let proposed = proposed.map(|(name, field)| format!("  {} = {name}", field.word()));
    let proposed = proposed.collect::<Vec<_>>().join("\n");
    format!(
        "The columns are those of no known format: {}.\nNothing was imported. With --format csv they would be read \
         as follows; add --map field=column for what is missing or wrong.\n{proposed}\nFields: {}",
        names(seen),
        fields()
    )
}

fn names(seen: &Look) -> String {
    seen.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn fields() -> String {
    Field::ALL.iter().map(|field| field.word()).collect::<Vec<_>>().join(", ")
}

fn states() -> String {
    OrderState::ALL.map(OrderState::word).join(", ")
}

/// What came in, what was refused and why.
pub(super) fn report_import(report: &ImportReport, say: &mut Say<'_>) {
    let (counts, code) = (&report.counts, report.currency.code());
    if let Some(line) = report.resumed_at_line {
        say.text(format!("resumed   at line {line}"));
    }
    say.text(format!(
        "lines     {} read, {} refused",
        counts.lines,
        counts.refused.values().sum::<u64>()
    ));
    say.text(format!(
        "orders    {} new, {} changed, {} unchanged, {} overtaken by newer ones",
        counts.orders_new, counts.orders_changed, counts.orders_unchanged, counts.orders_older
    ));
    say.text(format!("buyers    {} new", counts.buyers_new));
    say.text(format!("products  {} new", counts.products_new));
    let (linked, unlinked) = (report.refunds.linked, report.refunds.unlinked);
    say.text(format!(
        "refunds   {} new; {linked} linked, {unlinked} unlinked in all",
        counts.refunds_new
    ));
    for (state, sum) in &report.states {
        say.text(format!(
            "          {:16} {:>8} orders {:>16} {code}",
            state.word(),
            sum.orders,
            money(sum.total)
        ));
    }
    say.text(format!("net       {} {code}", money(report.net())));
    for (code, lines) in &counts.refused {
        say.text(format!("refused   {lines:>8} {}", code.word()));
    }
    for refusal in report.refusals.iter().take(REFUSALS_SHOWN) {
        say.text(format!(
            "          line {}: {} {}",
            refusal.line,
            refusal.code.word(),
            refusal.detail
        ));
    }
    let more = report.refusals.len().saturating_sub(REFUSALS_SHOWN);
    if more > 0 {
        say.text(format!("          and {more} more, kept with import run {}", report.run));
    }
}

/// Minor units with two digits behind the point.
fn money(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

//! Claims of the JSON report: wherever an object has words and a range, in a
//! document that it or one around it names. So what the report gets later is
//! checked as well.

use serde_json::{Map, Value};

use super::{Claim, Claims, Named, damaged};
use crate::ReportError;

/// The document that objects stand in.
#[derive(Clone, Copy)]
struct Around<'v> {
    document: &'v str,
    sha256: &'v str,
}

pub(super) fn claims(text: &str) -> Result<Claims, ReportError> {
    let report: Value = serde_json::from_str(text)?;
    let mut found = Claims::default();
    walk(&report, "", None, &mut found)?;
    found.hold_quotes();
    let manifest = &report["manifest"];
    for (name, count) in manifest["counts"].as_object().into_iter().flatten() {
        found
            .counts
            .extend(count.as_u64().map(|count| (name.clone(), count)));
    }
    for input in manifest["inputs"].as_array().into_iter().flatten() {
        let sha256 = input["sha256"].as_str().unwrap_or_default().parse();
        let sha256 = sha256.map_err(|_| damaged("an input has no SHA-256"))?;
        let name = input["name"].as_str().unwrap_or_default();
        found.inputs.push((name.to_owned(), sha256));
    }
    let command = manifest["command"].as_array().into_iter().flatten();
    found.command = command
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    Ok(found)
}

fn walk<'v>(
    value: &'v Value,
    path: &str,
    around: Option<Around<'v>>,
    found: &mut Claims,
) -> Result<(), ReportError> {
    match value {
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{number}]"), around, found)?;
            }
        }
        Value::Object(fields) => {
            let text = |key| fields.get(key).and_then(Value::as_str);
            let named = text("document").zip(text("document_sha256"));
            let here = named.map(|(document, sha256)| Around { document, sha256 });
            let around = here.or(around);
            found.claims.extend(claim(fields, path, around)?);
            for (key, field) in fields {
                let inner = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                walk(field, &inner, around, found)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn claim(
    fields: &Map<String, Value>,
    path: &str,
    around: Option<Around<'_>>,
) -> Result<Option<Claim>, ReportError> {
    let number = |key| fields.get(key).and_then(Value::as_u64);
    let words = fields.get("text").and_then(Value::as_str);
    let (Some(text), Some(start), Some(end)) = (words, number("start"), number("end")) else {
        return Ok(None);
    };
    let around = around.ok_or_else(|| damaged(format!("{path} names no document")))?;
    let sha256 = around.sha256.parse();
    let sha256 = sha256.map_err(|_| damaged(format!("{path} has no SHA-256 of its document")))?;
    let passage = fields.get("passage").and_then(Value::as_str);
    // A label stands within its passage, and has a range of its own.
    let whole = fields.contains_key("moment");
    let passage = passage.filter(|_| whole).map(str::parse);
    Ok(Some(Claim {
        at: path.to_owned(),
        document: Named::Exactly(around.document.to_owned()),
        document_sha256: Some(sha256),
        passage: passage
            .transpose()
            .map_err(|_| damaged(format!("{path}: no id of a passage")))?,
        start: usize::try_from(start).unwrap_or(usize::MAX),
        end: usize::try_from(end).unwrap_or(usize::MAX),
        text: text.to_owned(),
        on_one_line: false,
    }))
}

use std::collections::BTreeSet;

use serde_json::Value;
use throughline_report::{JSON_SCHEMA, json, read_json};

use crate::sample::report;

#[test]
fn json_holds_the_whole_report_and_nothing_else() {
    let text = json(&report()).unwrap();
    assert_eq!(read_json(&text).unwrap(), report());
    let more = text.replacen("\"title\"", "\"titles\": 1, \"title\"", 1);
    let error = read_json(&more).unwrap_err().to_string();
    assert!(error.contains("titles"), "{error}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_published_schema_fits_and_every_property_of_it_exists() {
    let schema: Value = serde_json::from_str(JSON_SCHEMA).unwrap();
    let value: Value = serde_json::from_str(&json(&report()).unwrap()).unwrap();
    let mut used = BTreeSet::new();
    fits(&schema, &schema, &value, "", &mut used);
    let mut published = BTreeSet::new();
    properties(&schema, "", &mut published);
    for (name, part) in schema["$defs"].as_object().unwrap() {
        properties(part, name, &mut published);
    }
    assert_eq!(published, used);
}

/// The properties that `schema` publishes, as `definition.property`.
fn properties(schema: &Value, name: &str, published: &mut BTreeSet<String>) {
    for key in schema["properties"]
        .as_object()
        .into_iter()
        .flat_map(|p| p.keys())
    {
        published.insert(format!("{name}.{key}"));
    }
}

/// Checks `value` against the few words of JSON Schema that ours uses; `used`
/// takes the properties that have held something other than null.
fn fits(root: &Value, schema: &Value, value: &Value, name: &str, used: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").unwrap();
        let part = &root["$defs"][name];
        assert!(part.is_object(), "no definition of {name}");
        return fits(root, part, value, name, used);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        assert_eq!(choices[1]["type"], "null", "{name}");
        if !value.is_null() {
            fits(root, &choices[0], value, name, used);
        }
        return;
    }
    if let Some(words) = schema["enum"].as_array() {
        assert!(
            words.contains(value),
            "{name}: {value} is none of {words:?}"
        );
        return;
    }
    if !schema["const"].is_null() {
        assert_eq!(&schema["const"], value, "{name}");
        return;
    }
    assert!(
        is_of_type(&schema["type"], value),
        "{name}: {value} is no {}",
        schema["type"]
    );
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| fits(root, &schema["items"], item, name, used)),
        Value::Object(fields) if schema["properties"].is_object() => {
            assert_eq!(schema["additionalProperties"], false, "{name}");
            let required = schema["required"].as_array().unwrap();
            let keys: Vec<_> = fields.keys().map(|key| Value::from(key.as_str())).collect();
            assert!(required.iter().all(|key| keys.contains(key)), "{name}");
            for (key, field) in fields {
                let part = &schema["properties"][key];
                assert!(part.is_object(), "{name}.{key} is not published");
                if !field.is_null() {
                    used.insert(format!("{name}.{key}"));
                }
                fits(root, part, field, &format!("{name}.{key}"), used);
            }
        }
        Value::Object(fields) => fields.values().for_each(|field| {
            fits(root, &schema["additionalProperties"], field, name, used);
        }),
        _ => {}
    }
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |word: &str| match word {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    };
    match types {
        Value::Array(list) => list.iter().filter_map(Value::as_str).any(is),
        word => word.as_str().is_some_and(is),
    }
}

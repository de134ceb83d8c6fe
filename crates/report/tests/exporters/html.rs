use throughline_report::html;

use crate::markdown::quotes;
use crate::sample::{HOSTILE, LONG, RTL, report};

/// Undoes the escaping of HTML, as its parser does.
fn decoded(html: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn every_quote_stands_in_the_page_exactly() {
    let page = html(&report()).unwrap();
    for quote in quotes(&report()) {
        let found = page
            .split("<p class=\"voice\" dir=\"auto\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('>')?.1.split_once("</p>"))
            .any(|(inner, _)| decoded(inner) == quote);
        assert!(found, "{quote}");
    }
}

#[test]
fn hostile_words_stay_words() {
    let page = html(&report()).unwrap();
    assert_eq!(page.matches("<script").count(), 1, "ours");
    for sign in [
        "<img",
        "onerror=alert(1)>",
        "<b>bold",
        "<!--",
        "javascript:",
    ] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(
        page.contains("{{ 7*7 }} {% raw %}"),
        "templates read the words"
    );
    assert!(decoded(&page).contains(HOSTILE));
    assert!(page.contains(LONG) && page.contains(RTL));
}

#[test]
fn the_page_asks_for_nothing() {
    let page = html(&report()).unwrap();
    for attribute in [
        " src=", " srcset=", " data=", "@import", "<link", "<base", "<iframe",
    ] {
        assert!(!decoded_apart(&page).contains(attribute), "{attribute}");
    }
    for rest in page.split(" href=\"").skip(1) {
        assert!(rest.starts_with('#'), "{}", &rest[..40]);
    }
    for rest in page.split("url(").skip(1) {
        assert!(rest.starts_with('#'), "{}", &rest[..40]);
    }
    assert!(page.contains("default-src 'none'"));
}

/// The page without its texts: tags and style only.
fn decoded_apart(page: &str) -> String {
    page.split('<')
        .map(|part| part.split('>').next().unwrap_or_default())
        .map(|tag| format!("<{tag}>"))
        .collect()
}

#[test]
fn every_link_leads_somewhere_and_every_id_is_its_own() {
    let page = html(&report()).unwrap();
    let ids: Vec<_> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    for link in page.split(" href=\"#").skip(1) {
        let target = link.split('"').next().unwrap();
        assert_eq!(
            ids.iter().filter(|id| **id == target).count(),
            1,
            "{target}"
        );
    }
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len());
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    let page = html(&report()).unwrap();
    let mut level = 0;
    for rest in page.split("<h").skip(1) {
        let Some(next) = rest.chars().next().and_then(|c| c.to_digit(10)) else {
            continue;
        };
        assert!(next <= level + 1, "h{next} after h{level}");
        level = next;
    }
}

#[test]
fn the_page_looks_as_it_did() {
    insta::assert_snapshot!(html(&report()).unwrap());
}

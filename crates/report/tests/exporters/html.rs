use throughline_report::{html, map_svg};

use crate::markdown::quotes;
use crate::sample::{HOSTILE, LONG, RTL, report, through_another};

/// The page of the sample, through both frameworks.
fn page() -> String {
    html(&report(), &[through_another()]).unwrap()
}

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
    let page = page();
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
    let page = page();
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
    let page = page();
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
    let page = page();
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
fn a_second_quote_refers_to_the_first_and_a_framework_with_the_same_stages_is_a_loop() {
    let alone = html(&report(), &[]).unwrap();
    let both = page();
    let contexts = |page: &str| page.matches("<summary>In its context</summary>").count();
    assert!(contexts(&alone) > 0);
    assert_eq!(contexts(&alone), contexts(&both), "nothing is told twice");
    assert!(both.matches("class=\"again\"").count() > contexts(&alone) / 2);

    let mut straight = report();
    straight.manifest.framework.cyclic = false;
    let line = html(&straight, &[]).unwrap();
    let with_loop = html(&straight, &[report()]).unwrap();
    let lenses = |page: &str| page.matches("type=\"radio\" name=\"lens\"").count();
    assert_eq!((lenses(&line), lenses(&with_loop)), (1, 1));
    assert!(!line.contains("Journey as a loop") && with_loop.contains("Journey as a loop"));
}

#[test]
fn every_plot_has_its_numbers_as_a_table() {
    let page = html(&report(), &[]).unwrap();
    let figures: Vec<&str> = page.split("<figure").skip(1).collect();
    assert!(figures.len() >= 4, "{}", figures.len());
    for figure in figures {
        let title = figure.split("</figcaption>").next().unwrap();
        let rest = figure.split("</section>").next().unwrap();
        assert!(rest.contains("<table"), "{title}");
    }
    assert!(
        page.contains("too few to show, of 9"),
        "small cells are not told"
    );
}

#[test]
fn the_picture_of_the_map_holds_nothing_that_xml_cannot_and_needs_nothing() {
    let mut hostile = report();
    hostile.stages[2].findings[0].label.text = "\u{1}<&\"'\u{fffe}".to_owned();
    let picture = map_svg(&hostile).unwrap();
    assert!(picture.starts_with("<svg xmlns="));
    assert!(!picture.contains(['\u{1}', '\u{fffe}']));
    for sign in ["url(http", "@import", "<image", "<script", "<foreignObject"] {
        assert!(!picture.contains(sign), "{sign}");
    }
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    let page = page();
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
    insta::assert_snapshot!(page());
}

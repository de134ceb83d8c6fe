//! The HTML report in a real browser: it can be searched, it holds no barrier that
//! axe-core finds, and it fits a narrow screen.
//!
//! The browser is Debian's `chromium` or the one that `CHROMIUM` names; axe-core is
//! `target/tools/axe.min.js`, where `.ci/run` puts it. What is not there is said to be
//! skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{analysed, root};

#[expect(clippy::print_stdout, reason = "a test that did nothing says so")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}

/// The browser, if there is one.
fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let found = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .map(|folder| folder.join("chromium"))
        .find(|program| program.is_file());
    if found.is_none() {
        skipped("there is no chromium, and CHROMIUM names none");
    }
    found
}

/// The page as the browser has it once its scripts have run.
fn opened(browser: &Path, page: &Path, width: u32) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg("--virtual-time-budget=20000")
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn report() -> (PathBuf, String) {
    let path = analysed().join("report/report.html");
    let page = std::fs::read_to_string(&path).unwrap();
    (path, page)
}

/// What `script` writes when it runs at the end of the report. Its policy would not let
/// it, so the page that is opened has none.
fn told(browser: &Path, scripts: &[&str], width: u32) -> Value {
    let (_, page) = report();
    let policy = page.find("<meta http-equiv").unwrap();
    let end = policy + page[policy..].find('>').unwrap() + 1;
    let scripts: String = scripts
        .iter()
        .map(|script| format!("<script>{script}</script>\n"))
        .collect();
    let page = format!("{}{}{scripts}", &page[..policy], &page[end..]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    std::fs::write(&path, page).unwrap();
    let dom = opened(browser, &path, width);
    let told = dom
        .split("<pre id=\"told\">")
        .nth(1)
        .unwrap_or_else(|| panic!("the script wrote nothing"));
    let told = told.split("</pre>").next().unwrap();
    let told = told
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&told).unwrap()
}

/// A script's last line: what it found, as JSON.
const TELL: &str = "const tell = (found) => { const pre = document.createElement('pre'); \
    pre.id = 'told'; pre.textContent = JSON.stringify(found); document.body.append(pre); };";

/// The quotes that a reader sees, and how to fill in a field.
const LOOK: &str = "
    const seen = () => Array.from(document.querySelectorAll('.quote'))
        .filter((quote) => !quote.hidden && quote.getClientRects().length > 0);
    const set = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event('input', { bubbles: true }));
    };";

#[test]
fn the_reports_own_script_is_the_one_that_its_policy_allows() {
    let Some(browser) = browser() else { return };
    let (path, page) = report();
    let dom = opened(&browser, &path, 1200);
    let bar = dom.split("id=\"find\"").nth(1).unwrap();
    let bar = bar.split('>').next().unwrap();
    assert!(!bar.contains("hidden"), "the script did not run: {bar}");
    // The framework in view is the first.
    let first = page
        .split("<div class=\"seen seen-1\">\n<section")
        .next()
        .unwrap();
    // Answers by question are in view through every framework.
    let shared = page.split("<section class=\"all\"").nth(1);
    let quote = "<blockquote class=\"quote\"";
    let quotes = [Some(first), shared].into_iter().flatten();
    let quotes: usize = quotes.map(|part| part.matches(quote).count()).sum();
    assert!(
        dom.contains(&format!(">{quotes} quotes</output>")),
        "{quotes}"
    );
}

#[test]
fn what_is_not_looked_for_is_hidden_and_comes_back() {
    let Some(browser) = browser() else { return };
    let script = "
        const all = seen().length;
        set('find-words', 'SUBSCRÍPTION');
        const words = seen().map((quote) => (quote.closest('.finding') || quote).textContent);
        const findings = Array.from(document.querySelectorAll('.finding'))
            .filter((finding) => !finding.hidden && !finding.querySelector('.quote:not([hidden])'));
        set('find-sentiment', 'positive');
        const positive = seen().map((quote) => quote.dataset.sentiment);
        document.getElementById('find-clear').click();
        tell({ all, words, empty: findings.length, positive, after: seen().length });";
    let told = told(&browser, &[TELL, LOOK, script], 1200);
    let all = told["all"].as_u64().unwrap();
    let words = told["words"].as_array().unwrap();
    assert!(!words.is_empty() && (words.len() as u64) < all, "{told}");
    for text in words {
        let text = text.as_str().unwrap().to_lowercase();
        assert!(text.contains("subscription"), "{text}");
    }
    assert_eq!(told["empty"], 0, "findings without a quote to show");
    let positive = told["positive"].as_array().unwrap();
    assert!(positive.iter().all(|one| one == "positive"), "{told}");
    assert_eq!(told["after"], told["all"]);
}

#[test]
fn a_reader_switches_framework_filter_and_view() {
    let Some(browser) = browser() else { return };
    let script = "
        const stages = () => Array.from(document.querySelectorAll('section.stage > h2'))
            .filter((one) => one.offsetParent).map((one) => one.textContent);
        const shown = (selector) => Array.from(document.querySelectorAll(selector))
            .filter((one) => one.offsetParent || one.getClientRects().length).length;
        const found = { customer: stages(), line: [shown('.map'), shown('.wide.loop')] };
        document.getElementById('as-loop').click();
        found.loop = [shown('.map'), shown('.wide.loop')];
        document.getElementById('lens-1').click();
        found.user = stages();
        found.contexts = seen().every((quote) => quote.querySelector('details'));
        const theme = document.getElementById('find-theme');
        set('find-theme', theme.options[1].value);
        const holder = (quote) => quote.closest('.finding').querySelector('h3 q').textContent;
        found.theme = [theme.value, Array.from(new Set(seen().map(holder)))];
        document.getElementById('find-clear').click();
        const person = document.getElementById('find-participant');
        set('find-participant', person.options[1].value);
        found.person = seen().map((one) => one.dataset.participant === person.value);
        document.getElementById('find-clear').click();
        location.hash = 'lens-2-stage-decision';
        setTimeout(() => { found.buyer = stages(); tell(found); }, 200);";
    let told = told(&browser, &[TELL, LOOK, script], 1200);
    let names = |name: &str| -> Vec<String> {
        let list = told[name].as_array().unwrap().iter();
        list.map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("customer").len(), 7, "{told}");
    assert_eq!(names("customer")[2], "Purchase");
    assert_eq!(names("user")[2..4], ["Decision", "Retention"]);
    assert_eq!(
        names("buyer").len(),
        3,
        "a link into a view shows it: {told}"
    );
    assert_eq!(told["line"], serde_json::json!([1, 0]));
    assert_eq!(told["loop"], serde_json::json!([0, 1]));
    assert_eq!(told["contexts"], true, "a quote without its context");
    let theme = told["theme"][0].as_str().unwrap();
    let themes = told["theme"][1].as_array().unwrap();
    assert_eq!(themes.len(), 1, "{told}");
    assert!(theme.ends_with(themes[0].as_str().unwrap()), "{told}");
    let person = told["person"].as_array().unwrap();
    assert!(
        !person.is_empty() && person.iter().all(|one| one == true),
        "{told}"
    );
}

#[test]
fn no_barrier_is_found_and_nothing_is_wider_than_a_narrow_screen() {
    let Some(browser) = browser() else { return };
    let axe = root().join("target/tools/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(axe) else {
        skipped("target/tools/axe.min.js is not there (.ci/run fetches it)");
        return;
    };
    // Every framework, the loop, and what is folded away: all of it is looked at.
    let script = "
        const views = Array.from(document.querySelectorAll('input[name=lens]'));
        document.querySelectorAll('details').forEach((one) => { one.open = true; });
        const look = async () => {
            const violations = [];
            for (const [number, view] of views.entries()) {
                view.click();
                if (number === 0) document.getElementById('as-loop').click();
                const found = await axe.run(document, { resultTypes: ['violations'] });
                violations.push(...found.violations.map((one) => [one.id, one.nodes.slice(0, 3)
                    .map((node) => node.html.slice(0, 200))]));
            }
            tell({ violations, width: document.documentElement.scrollWidth,
                window: window.innerWidth });
        };
        look();";
    for width in [360, 1200] {
        let told = told(&browser, &[&axe, TELL, script], width);
        assert_eq!(
            told["violations"],
            serde_json::json!([]),
            "{width}: {told:#}"
        );
        let (page, window) = (&told["width"], &told["window"]);
        assert!(page.as_u64() <= window.as_u64(), "{page} in {window}");
    }
}

use throughline_report::{Report, markdown, unescape};

use crate::sample::{HOSTILE, MARKDOWN, report};

/// Every quote of the report, wherever it stands.
pub(crate) fn quotes(report: &Report) -> Vec<String> {
    let apart = &report.apart;
    let mut quotes: Vec<_> = [&apart.outside, &apart.none, &apart.unclear]
        .into_iter()
        .flat_map(|part| &part.examples)
        .collect();
    for stage in &report.stages {
        quotes.extend(&stage.works);
        quotes.extend(stage.praise.iter().flat_map(|group| &group.quotes));
        quotes.extend(stage.wishes.iter().flat_map(|wishes| &wishes.quotes));
        quotes.extend(stage.other.groups.iter().flat_map(|group| &group.examples));
        for finding in &stage.findings {
            quotes.extend(finding.quotes.iter().chain(&finding.counter_evidence));
        }
    }
    let asked = report.questions.iter().flat_map(|all| &all.asked);
    quotes.extend(asked.flat_map(|one| &one.quotes));
    let kept = report.collections.iter().flat_map(|one| &one.quotes);
    let texts = quotes.into_iter().map(|quote| &quote.text);
    texts.chain(kept.map(|kept| &kept.text)).cloned().collect()
}

#[test]
fn every_quote_comes_back_out_of_the_markdown_exactly() {
    let text = markdown(&report());
    let lines: Vec<_> = text.split('\n').collect();
    let found: Vec<_> = lines
        .split(|line| !line.starts_with('>'))
        .filter(|block| !block.is_empty())
        .map(|block| {
            let quote: Vec<_> = block
                .iter()
                .take_while(|line| **line != ">")
                .map(|line| line.strip_prefix("> ").unwrap())
                .collect();
            unescape(&quote.join("\n"))
        })
        .collect();
    let mut expected = quotes(&report());
    assert_eq!(found.len(), expected.len());
    expected.retain(|quote| !found.contains(quote));
    assert_eq!(expected, Vec::<String>::new());
    assert!(found.contains(&MARKDOWN.to_owned()) && found.contains(&HOSTILE.to_owned()));
}

#[test]
fn words_of_speakers_make_no_markdown() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let text = markdown(&report());
    let (mut headings, mut quotes_seen) = (0, 0);
    for event in Parser::new_ext(&text, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::BlockQuote(_)) => quotes_seen += 1,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_))
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => panic!("{event:?}"),
            _ => {}
        }
    }
    assert_eq!(
        headings,
        text.lines().filter(|line| line.starts_with('#')).count()
    );
    assert_eq!(quotes_seen, quotes(&report()).len());
}

#[test]
fn markdown_reads_as_it_did() {
    insta::assert_snapshot!(markdown(&report()));
}

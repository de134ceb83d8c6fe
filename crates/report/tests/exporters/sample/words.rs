use std::collections::BTreeMap;

use throughline_core::{
    ContentHash, Moment, PassageId, Prompting, Role, Sentiment, Severity, Span, Touchpoint,
};
use throughline_report::{CarryingWords, ContextSlice, Label, Quote, Reason, Reasons};

/// Words that try to leave the page.
pub(crate) const HOSTILE: &str = "</script><img src=x onerror=alert(1)> & \"quoted\" {{ 7*7 }} \
    {% raw %} <!-- https://evil.example/a.js";
/// Words that try to be Markdown.
pub(crate) const MARKDOWN: &str = "# The | *map* and _price_ [link](https://evil.example) `x` \
    ~~y~~\n1. two lines\n\n> and <b>three</b> &amp; $4";
/// Words from right to left, with a control character that turns the rest.
pub(crate) const RTL: &str = "التطبيق لا يفتح أبداً \u{202e}123 👩‍👩‍👧 ça marche pas";
/// A quote that goes on.
pub(crate) const LONG: &str = "So I stood there in the rain with the phone in one hand and the \
    helmet in the other, and it told me to scan the code again, and I scanned it again, and it \
    told me that the bicycle was reserved, which it was, by me, and then the screen went dark and \
    I had to begin from the start, log in, wait for the code by text message, and by then somebody \
    else had walked off with the very bicycle I had been trying to unlock for ten minutes 🙃.";

/// A speaker, the speaker's part, and the words.
type Said = (&'static str, Role, &'static str);

/// Each document with its speakers' turns.
const DOCUMENTS: &[(&str, &[Said])] = &[
    (
        "interviews/dana.vtt",
        &[
            (
                "Interviewer",
                Role::Interviewer,
                "What happened when you paid?",
            ),
            (
                "Dana",
                Role::Participant,
                "I could not find the price before the last page. It only shows up once you have \
                 typed in the card.",
            ),
            ("Interviewer", Role::Interviewer, "And then?"),
            ("Dana", Role::Participant, LONG),
            ("Interviewer", Role::Interviewer, "Did the lock annoy you?"),
            (
                "Dana",
                Role::Participant,
                "Yes. The ride itself was lovely, smooth and quiet.",
            ),
            ("Interviewer", Role::Interviewer, "Is the recorder on?"),
        ],
    ),
    (
        "interviews/élodie.txt",
        &[
            (
                "Moderator",
                Role::Interviewer,
                "Tell me about the first day.",
            ),
            (
                "Élodie 🚲",
                Role::Participant,
                "The price was clear to me, to be fair. Nobody ever called me back about the \
                 deposit. Well, it is what it is.",
            ),
            ("Élodie 🚲", Role::Participant, MARKDOWN),
        ],
    ),
    (
        "reviews & <more>.csv#r7",
        &[("ann", Role::Participant, HOSTILE)],
    ),
    (
        "reviews & <more>.csv#r8",
        &[("سارة", Role::Participant, RTL)],
    ),
    (
        "reviews & <more>.csv#r9",
        &[(
            "",
            Role::Unknown,
            "You see the price only after you have paid. A friend told me about it.",
        )],
    ),
];

/// The canonical text of a document and where its turns stand.
fn text_of(turns: &[Said]) -> (String, Vec<Span>) {
    let mut text = String::new();
    let spans = turns
        .iter()
        .map(|(speaker, _, words)| {
            if !speaker.is_empty() {
                text.push_str(&format!("{speaker}: "));
            }
            let start = text.len();
            text.push_str(words);
            let end = text.len();
            text.push('\n');
            Span { start, end }
        })
        .collect();
    (text, spans)
}

/// A quote of `words`, wherever they stand, with the turns around them.
pub(crate) fn quote(words: &str) -> Quote {
    for (document, turns) in DOCUMENTS {
        let (text, spans) = text_of(turns);
        let Some(start) = text.find(words) else {
            continue;
        };
        let span = Span {
            start,
            end: start + words.len(),
        };
        let at = spans.iter().position(|turn| turn.contains(span)).unwrap();
        let slice = |index: usize, span: Span| ContextSlice {
            text: span.slice(&text).unwrap().to_owned(),
            start: span.start,
            end: span.end,
            speaker: Some(turns[index].0.to_owned()).filter(|s| !s.is_empty()),
            role: turns[index].1,
        };
        let own = spans[at];
        let mut before: Vec<_> = (at.saturating_sub(1)..at)
            .map(|i| slice(i, spans[i]))
            .collect();
        if own.start < span.start {
            before.push(slice(
                at,
                Span {
                    start: own.start,
                    end: span.start,
                },
            ));
        }
        let mut after = Vec::new();
        if span.end < own.end {
            after.push(slice(
                at,
                Span {
                    start: span.end,
                    end: own.end,
                },
            ));
        }
        after.extend(spans.get(at + 1).map(|turn| slice(at + 1, *turn)));
        let (speaker, role, _) = turns[at];
        let hash = ContentHash::of(text.as_bytes());
        let interview = document.starts_with("interviews");
        return Quote {
            text: words.to_owned(),
            document: (*document).to_owned(),
            document_sha256: hash,
            start: span.start,
            end: span.end,
            passage: PassageId::of(document, hash, span),
            speaker: Some(speaker.to_owned()).filter(|s| !s.is_empty()),
            participant: role.is_evidence().then(|| format!("{document}/{speaker}")),
            role,
            start_ms: interview.then_some(192_000),
            end_ms: interview.then_some(201_500),
            date: (!interview).then(|| "2024-02-29".parse().unwrap()),
            rating: (!interview).then_some(2.0),
            moment: Moment::Purchase,
            unclear: false,
            sentiment: Sentiment::Negative,
            pain: true,
            severity: Some(Severity::Effort),
            prompting: Some(Prompting::Unprompted),
            touchpoint: Touchpoint::Web,
            why: Some(reasons(words, span.start)),
            corrected: Vec::new(),
            adapted: Vec::new(),
            segments: BTreeMap::from([("plan <b>".to_owned(), "day & night".to_owned())]),
            before,
            after,
        };
    }
    panic!("nobody says: {words}")
}

/// Reasons with something in every field: the first word carries all.
fn reasons(words: &str, start: usize) -> Reasons {
    fn reason<T>(label: T, other: T, first: &str, start: usize) -> Reason<T> {
        Reason {
            label,
            confidence: 0.75,
            runner_up: Some(other),
            runner_up_confidence: Some(0.125),
            words: vec![CarryingWords {
                text: first.to_owned(),
                start,
                end: start + first.len(),
                drop: 0.5,
            }],
            context_drop: Some(0.25),
        }
    }
    let first = words.split(' ').next().unwrap();
    Reasons {
        moment: reason(Moment::Purchase, Moment::Research, first, start),
        sentiment: reason(Sentiment::Negative, Sentiment::Mixed, first, start),
        pain: reason(true, false, first, start),
        touchpoint: Reason {
            words: Vec::new(),
            ..reason(Touchpoint::Web, Touchpoint::None, first, start)
        },
    }
}

/// A quote that praises.
pub(crate) fn praise(words: &str, moment: Moment, touchpoint: Touchpoint) -> Quote {
    let said = quote(words);
    Quote {
        moment,
        touchpoint,
        sentiment: Sentiment::Positive,
        pain: false,
        severity: None,
        prompting: None,
        why: said.why.map(|why| Reasons {
            pain: Reason {
                label: false,
                runner_up: None,
                runner_up_confidence: None,
                words: Vec::new(),
                context_drop: None,
                ..why.pain
            },
            ..why
        }),
        ..said
    }
}

/// A quote whose moment the engine is not sure of.
pub(crate) fn unclear(words: &str) -> Quote {
    Quote {
        unclear: true,
        why: None,
        ..praise(words, Moment::Use, Touchpoint::None)
    }
}

/// A label made of `words`.
pub(crate) fn label(words: &str) -> Label {
    let quote = quote(words);
    Label {
        text: quote.text,
        document: quote.document,
        document_sha256: quote.document_sha256,
        start: quote.start,
        end: quote.end,
        passage: quote.passage,
    }
}

//! What each speech recogniser writes, where a plain list of texts is not all.

use std::collections::BTreeMap;

use super::node::{Fields, Node};
use super::{ENDS, STARTS, Said, TEXTS, item, named, speaker, time};
use crate::transcript::words::Words;

/// What is said in a file that a known recogniser wrote.
pub(super) fn read(root: Node<'_>) -> Option<Vec<Said>> {
    let top = root.fields();
    let results = top.get("results");
    let found = |said: Vec<Said>| (!said.is_empty()).then_some(said);
    found(rev_ai(&top))
        .or_else(|| found(items(&top.items("utterances"))))
        .or_else(|| found(items(&top.items("segments"))))
        .or_else(|| found(whisper_cpp(&top)))
        .or_else(|| found(chunks(&top)))
        .or_else(|| found(assembly_words(&top)))
        .or_else(|| found(azure(&top)))
        .or_else(|| found(deepgram(&results?.fields())))
        .or_else(|| found(amazon(&results?.fields())))
        .or_else(|| found(speechmatics(&results?.items())))
        .or_else(|| found(alternatives(&results?.items())))
}

fn items(list: &[Node<'_>]) -> Vec<Said> {
    list.iter().filter_map(|node| item(*node)).collect()
}

/// Monologues of elements: words with times, and punctuation (spaces too)
/// without. Names may stand in a list beside them.
fn rev_ai(top: &Fields<'_>) -> Vec<Said> {
    let mut names: BTreeMap<&str, Words> = BTreeMap::new();
    for node in top.items("speakers") {
        let fields = node.fields();
        if let (Some(id), Some(name)) = (fields.get("id"), fields.get("name")) {
            names.entry(id.written()).or_insert_with(|| name.words());
        }
    }
    let monologue = |node: Node<'_>| {
        let fields = node.fields();
        let id = fields.get("speaker").map_or("", Node::written);
        let known = names.get(id).cloned();
        let mut said = Said {
            speaker: known.or_else(|| speaker(&fields)),
            ..Said::default()
        };
        for element in fields.items("elements") {
            let element = element.fields();
            if let Some(value) = element.get("value") {
                said.words.append(&value.words());
            }
            said.start = said.start.or_else(|| time(&element, &["ts"]));
            said.end = time(&element, &["end_ts"]).or(said.end);
        }
        said
    };
    top.items("monologues").into_iter().map(monologue).collect()
}

/// Segments with offsets in milliseconds and times as text.
fn whisper_cpp(top: &Fields<'_>) -> Vec<Said> {
    let segment = |node: Node<'_>| {
        let fields = node.fields();
        let stamps = fields.get("timestamps").map(Node::fields);
        let offsets = fields.get("offsets").map(Node::fields);
        let at = |name: &str| {
            let written = || stamps.as_ref()?.get(name)?.clock();
            let ms = offsets.as_ref().and_then(|f| f.get(name)?.number());
            ms.or_else(written).map(|ms| ms / 1_000.0)
        };
        Some(Said {
            speaker: speaker(&fields),
            start: at("from"),
            end: at("to"),
            words: fields.get("text")?.words(),
        })
    };
    let segments = top.items("transcription");
    segments.into_iter().filter_map(segment).collect()
}

/// Chunks with `"timestamp": [start, end]`.
fn chunks(top: &Fields<'_>) -> Vec<Said> {
    let chunk = |node: Node<'_>| {
        let fields = node.fields();
        let times = fields.items("timestamp");
        Some(Said {
            speaker: speaker(&fields),
            start: times.first().and_then(|node| node.number()),
            end: times.get(1).and_then(|node| node.number()),
            words: fields.get("text")?.words(),
        })
    };
    top.items("chunks").into_iter().filter_map(chunk).collect()
}

/// Words alone, where speakers were not told apart.
fn assembly_words(top: &Fields<'_>) -> Vec<Said> {
    spoken(&top.items("words"), &["text", "word"])
}

/// Words one after another, each with its time and perhaps its speaker.
fn spoken(words: &[Node<'_>], names: &[&str]) -> Vec<Said> {
    let word = |node: &Node<'_>| {
        let fields = node.fields();
        Some(Said {
            speaker: speaker(&fields),
            start: time(&fields, STARTS),
            end: time(&fields, ENDS),
            words: fields.first(names)?.words(),
        })
    };
    words.iter().filter_map(word).collect()
}

/// Recognised phrases, in ticks of 100 nanoseconds.
fn azure(top: &Fields<'_>) -> Vec<Said> {
    let phrase = |node: Node<'_>| {
        let fields = node.fields();
        let best = fields.items("nBest").first()?.fields();
        let ticks = |name| time(&fields, &[name]).map(|ticks| ticks / 1e7);
        let start = ticks("offsetInTicks");
        let lasts = ticks("durationInTicks");
        Some(Said {
            speaker: speaker(&fields),
            start,
            end: start.zip(lasts).map(|(start, lasts)| start + lasts),
            words: best.first(&["display", "lexical"])?.words(),
        })
    };
    let phrases = top.items("recognizedPhrases");
    phrases.into_iter().filter_map(phrase).collect()
}

/// Utterances, else paragraphs of sentences, else words, of every channel.
fn deepgram(results: &Fields<'_>) -> Vec<Said> {
    let utterances = items(&results.items("utterances"));
    if !utterances.is_empty() {
        return utterances;
    }
    let mut found = Vec::new();
    for channel in results.items("channels") {
        let channel = channel.fields();
        let Some(best) = channel.items("alternatives").first().map(|n| n.fields()) else {
            continue;
        };
        let paragraphs = best.get("paragraphs").map(Node::fields);
        let paragraphs = paragraphs.map(|fields| fields.items("paragraphs"));
        let mut said: Vec<Said> = Vec::new();
        for paragraph in paragraphs.unwrap_or_default() {
            let fields = paragraph.fields();
            let sentences = fields.items("sentences");
            said.extend(sentences.into_iter().filter_map(|sentence| {
                let sentence = item(sentence)?;
                Some(Said {
                    speaker: speaker(&fields),
                    ..sentence
                })
            }));
        }
        if said.is_empty() {
            said = spoken(&best.items("words"), &["punctuated_word", "word"]);
        }
        found.extend(said);
    }
    found.sort_by(|a, b| {
        let start = |said: &Said| said.start.unwrap_or(0.0);
        start(a).total_cmp(&start(b))
    });
    found
}

/// Segments, else items: words with times, punctuation without.
fn amazon(results: &Fields<'_>) -> Vec<Said> {
    let segments = items(&results.items("audio_segments"));
    if !segments.is_empty() {
        return segments;
    }
    elements(&results.items("items"), |fields| {
        let best = fields.items("alternatives").first()?.fields();
        Some((best.get("content")?.words(), speaker(fields)))
    })
}

/// Words and punctuation, with the speaker in the alternative.
fn speechmatics(results: &[Node<'_>]) -> Vec<Said> {
    elements(results, |fields| {
        let best = fields.items("alternatives").first()?.fields();
        Some((best.get("content")?.words(), speaker(&best)))
    })
}

/// Words, each with the punctuation that follows it.
fn elements<'t>(
    list: &[Node<'t>],
    read: impl Fn(&Fields<'t>) -> Option<(Words, Option<Words>)>,
) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    for node in list {
        let fields = node.fields();
        let Some((words, speaker)) = read(&fields) else {
            continue;
        };
        let mark = fields.get("type").map_or("", Node::written) == "\"punctuation\"";
        match found.last_mut() {
            Some(said) if mark => said.words.append(&words),
            _ => found.push(Said {
                speaker,
                start: time(&fields, STARTS),
                end: time(&fields, ENDS),
                words,
            }),
        }
    }
    found
}

/// Results with alternatives: the first of each, timed by its words.
fn alternatives(results: &[Node<'_>]) -> Vec<Said> {
    let result = |node: &Node<'_>| {
        let fields = node.fields();
        let best = fields.items("alternatives").first()?.fields();
        let words = best.items("words");
        let (first, last) = (words.first()?.fields(), words.last()?.fields());
        let label = first.first(&["speakerTag", "speakerLabel"]);
        Some(Said {
            speaker: label.map(|label| named(&label.words())),
            start: time(&first, STARTS),
            end: time(&last, ENDS),
            words: best.first(TEXTS)?.words(),
        })
    };
    let watson = |node: &Node<'_>| {
        let best = node.fields().items("alternatives").first()?.fields();
        let stamps = best.items("timestamps");
        let at = |stamp: Option<&Node<'_>>, index: usize| stamp?.items().get(index)?.number();
        Some(Said {
            speaker: None,
            start: at(stamps.first(), 1),
            end: at(stamps.last(), 2),
            words: best.first(TEXTS)?.words(),
        })
    };
    let read = |node: &Node<'_>| result(node).or_else(|| watson(node));
    results.iter().filter_map(read).collect()
}

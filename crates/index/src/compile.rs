//! From a query's tree to the engine's queries.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, FuzzyTermQuery, Occur, PhraseQuery,
    Query as EngineQuery, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use crate::Column;
use crate::among::Among;
use crate::even_score::EvenScore;
use crate::query::{Filter, Interval, Members, Node, Pattern};
use crate::schema::Fields;
use crate::slop::Near;
use crate::words;

/// Added to the score of a quote that has every plain word of the query. More
/// than any sum of word scores, so that such quotes come first; the collector
/// takes it off again.
pub(crate) const EVERY_WORD: f32 = 8192.0;

type Boxed = Box<dyn EngineQuery>;

/// The engine's query for `node`.
pub(crate) fn compile(node: &Node, fields: &Fields) -> Boxed {
    let Node::Together(parts) = node else {
        return part(node, fields);
    };
    let plain: Vec<&Node> = parts.iter().filter(|part| part.is_plain()).collect();
    if plain.len() < 2 {
        return part(node, fields);
    }
    let every_word = all_of(plain.into_iter().map(|word| part(word, fields)).collect());
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, part(node, fields)),
        (Occur::Should, scored(every_word, EVERY_WORD)),
    ]))
}

fn part(node: &Node, fields: &Fields) -> Boxed {
    match node {
        Node::All => scored(Box::new(AllQuery), 0.0),
        Node::Word(words) => match words.as_slice() {
            [word] => stem(word, fields),
            words => in_a_row(fields.exact, words),
        },
        Node::Exact(wanted) => pattern(fields.exact, wanted),
        Node::Filter(condition) => scored(filter(condition, fields), 0.0),
        Node::Like {
            nearest: Some(ids), ..
        } => scored(Box::new(Among::new(ids)), 0.0),
        Node::Like { nearest: None, .. } | Node::Framework(_) => scored(Box::new(AllQuery), 0.0),
        Node::Not(_) => together(std::slice::from_ref(node), fields),
        Node::And(parts) => {
            let (not, must): (Vec<_>, Vec<_>) = parts.iter().partition(|part| is_not(part));
            require(
                must.into_iter().map(|n| part(n, fields)).collect(),
                not,
                fields,
            )
        }
        Node::Or(parts) => any_of(parts.iter().map(|n| part(n, fields)).collect()),
        Node::Together(parts) => together(parts, fields),
    }
}

/// Parts side by side: each must hold, but one of the plain words is enough.
fn together(parts: &[Node], fields: &Fields) -> Boxed {
    let (mut plain, mut must, mut not) = (Vec::new(), Vec::new(), Vec::new());
    for node in parts {
        if node.is_plain() {
            plain.push(part(node, fields));
        } else if is_not(node) {
            not.push(node);
        } else {
            must.push(part(node, fields));
        }
    }
    if !plain.is_empty() {
        must.push(any_of(plain));
    }
    require(must, not, fields)
}

fn is_not(node: &Node) -> bool {
    matches!(node, Node::Not(_))
}

/// All of `must` and none of what `not` negates.
fn require(mut must: Vec<Boxed>, not: Vec<&Node>, fields: &Fields) -> Boxed {
    if not.is_empty() {
        return all_of(must);
    }
    if must.is_empty() {
        must.push(scored(Box::new(AllQuery), 0.0));
    }
    let mut clauses: Vec<_> = must.into_iter().map(|query| (Occur::Must, query)).collect();
    for node in not {
        if let Node::Not(inner) = node {
            let taken_away = EvenScore::new(part(inner, fields));
            clauses.push((Occur::MustNot, Box::new(taken_away)));
        }
    }
    Box::new(BooleanQuery::new(clauses))
}

fn all_of(queries: Vec<Boxed>) -> Boxed {
    one_or(queries, BooleanQuery::intersection)
}

fn any_of(queries: Vec<Boxed>) -> Boxed {
    one_or(queries, BooleanQuery::union)
}

fn one_or(mut queries: Vec<Boxed>, group: fn(Vec<Boxed>) -> BooleanQuery) -> Boxed {
    match queries.pop() {
        Some(only) if queries.is_empty() => only,
        Some(last) => {
            queries.push(last);
            Box::new(group(queries))
        }
        None => Box::new(EmptyQuery),
    }
}

fn scored(query: Boxed, score: f32) -> Boxed {
    Box::new(ConstScoreQuery::new(query, score))
}

fn stem(word: &str, fields: &Fields) -> Boxed {
    let query = TermQuery::new(stem_term(word, fields), IndexRecordOption::WithFreqs);
    Box::new(EvenScore::new(Box::new(query)))
}

/// What a plain word is looked for by.
pub(crate) fn stem_term(word: &str, fields: &Fields) -> Term {
    Term::from_field_text(fields.stem, &words::stems(word).concat())
}

fn in_a_row(field: Field, words: &[String]) -> Boxed {
    let mut terms: Vec<Term> = words
        .iter()
        .map(|word| Term::from_field_text(field, word))
        .collect();
    let query: Boxed = match terms.pop() {
        Some(only) if terms.is_empty() => {
            Box::new(TermQuery::new(only, IndexRecordOption::WithFreqs))
        }
        Some(last) => {
            terms.push(last);
            Box::new(PhraseQuery::new(terms))
        }
        None => Box::new(EmptyQuery),
    };
    Box::new(EvenScore::new(query))
}

fn pattern(field: Field, pattern: &Pattern) -> Boxed {
    let term = |word: &String| Term::from_field_text(field, word);
    match pattern {
        Pattern::Row(words) => in_a_row(field, words),
        // The places are a condition; what scores is how rare each word is.
        Pattern::Slop(words, slop) => {
            let near = Near {
                terms: words.iter().map(term).collect(),
                slop: *slop,
            };
            let alone = words
                .iter()
                .map(|word| in_a_row(field, std::slice::from_ref(word)));
            let near: Boxed = scored(Box::new(near), 0.0);
            all_of(std::iter::once(near).chain(alone).collect())
        }
        // These stand for many words; none of them makes a quote rarer.
        Pattern::Prefix(word) => {
            let begins = FuzzyTermQuery::new_prefix(term(word), 0, false);
            scored(Box::new(begins), 1.0)
        }
        Pattern::Fuzzy(word, distance) => {
            let close = FuzzyTermQuery::new(term(word), *distance, true);
            scored(Box::new(close), 1.0)
        }
    }
}

fn filter(filter: &Filter, fields: &Fields) -> Boxed {
    match filter {
        Filter::Set { members, .. } => set(members, fields),
        Filter::Name {
            field,
            pattern: wanted,
        } => pattern(fields.name(*field), wanted),
        Filter::Value { column, value } => one_value(*column, value, fields),
        Filter::Rating(interval) => range(interval, |rating| {
            Term::from_field_f64(fields.rating, rating)
        }),
        Filter::Date(interval) => range(interval, |date| {
            Term::from_field_u64(fields.date, u64::from(date.as_number()))
        }),
    }
}

fn set(members: &Members, fields: &Fields) -> Boxed {
    match members {
        Members::Moments(moments) => {
            let moments = moments.iter().map(|moment| moment.as_str());
            let labels = moments.map(|moment| one_value(Column::Moment, moment, fields));
            any_of(labels.collect())
        }
        Members::Passages(ids) => Box::new(Among::new(ids)),
    }
}

/// A condition on a column, most of which are terms as well.
fn one_value(column: Column, value: &str, fields: &Fields) -> Boxed {
    let term = Term::from_field_text(fields.column(column), value);
    match column {
        Column::Participant | Column::Product => Box::new(RangeQuery::new(
            Bound::Included(term.clone()),
            Bound::Included(term),
        )),
        _ => Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
    }
}

fn range<T: Copy>(interval: &Interval<T>, term: impl Fn(T) -> Term) -> Boxed {
    let bound = |bound: Bound<T>| bound.map(&term);
    Box::new(RangeQuery::new(bound(interval.low), bound(interval.high)))
}

//! From the parts of a query to its tree:
//!
//! ```text
//! query    = either+                      side by side
//! either   = both ("OR" both)*
//! both     = single ("AND" single)*
//! single   = ("NOT" | "-")* (word | pattern | field | "*" | "(" query ")")
//! ```

use std::iter::Peekable;
use std::vec::IntoIter;

use super::QueryError;
use super::error::Problem;
use super::fields::{self, Names};
use super::lexer::{self, Part, Token};
use super::node::Node;
use super::vocabulary::Vocabulary;

/// Parentheses within parentheses; more are a mistake.
const DEEPEST: usize = 32;

pub(super) fn parse(text: &str, vocabulary: &dyn Vocabulary) -> Result<Node, QueryError> {
    tree(text, vocabulary).map_err(|problem| problem.in_text(text))
}

fn tree(text: &str, vocabulary: &dyn Vocabulary) -> Result<Node, Problem> {
    let parts = lexer::parts(text)?;
    if parts.is_empty() {
        return Err(Problem::new(
            0,
            "the query has nothing to look for",
            "write a word, a \"phrase\" or field:value",
        ));
    }
    let mut parser = Parser {
        names: Names {
            framework: framework_of(&parts, vocabulary)?,
            vocabulary,
        },
        parts: parts.into_iter().peekable(),
        end: text.len(),
        of_the_whole: Vec::new(),
    };
    let node = parser.query(0)?;
    match parser.parts.next() {
        Some(part) => Err(Problem::new(
            part.at,
            "this parenthesis closes nothing",
            "open one before it, or leave it out",
        )),
        None => Ok(node),
    }
}

/// The framework that a query names. It may stand anywhere, so that it is looked
/// for before anything is read through it.
fn framework_of(
    parts: &[Part<'_>],
    vocabulary: &dyn Vocabulary,
) -> Result<Option<String>, Problem> {
    let mut found: Option<String> = None;
    for part in parts {
        let Token::Field(typed) = &part.token else {
            continue;
        };
        if !typed.name.eq_ignore_ascii_case("framework") {
            continue;
        }
        let id = fields::framework(typed, vocabulary)?;
        if found.as_ref().is_some_and(|known| *known != id) {
            return Err(Problem::new(
                part.at,
                "this is the second framework of the query",
                "a query looks through one framework; leave one of them out",
            ));
        }
        found = Some(id);
    }
    Ok(found)
}

struct Parser<'t, 's> {
    parts: Peekable<IntoIter<Part<'t>>>,
    end: usize,
    names: Names<'s>,
    /// Bytes of the parts that can only speak of the query as a whole, and
    /// whether each says what to be like.
    of_the_whole: Vec<(usize, bool)>,
}

impl Parser<'_, '_> {
    fn query(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut nodes = vec![self.either(depth)?];
        while self
            .parts
            .peek()
            .is_some_and(|part| !matches!(part.token, Token::Close))
        {
            nodes.push(self.either(depth)?);
        }
        Ok(one_or(nodes, Node::Together))
    }

    fn either(&mut self, depth: usize) -> Result<Node, Problem> {
        let before = self.of_the_whole.len();
        let mut nodes = vec![self.both(depth)?];
        while self.take(|token| matches!(token, Token::Or)) {
            nodes.push(self.both(depth)?);
        }
        if nodes.len() > 1 {
            self.of_the_whole_since(before)?;
        }
        Ok(one_or(nodes, Node::Or))
    }

    /// Refuses what can only speak of the whole query, if there was any since
    /// `before`, within OR or NOT.
    fn of_the_whole_since(&self, before: usize) -> Result<(), Problem> {
        match self.of_the_whole.get(before) {
            None => Ok(()),
            Some((at, _)) => Err(Problem::new(
                *at,
                "this can stand neither beside OR nor under NOT",
                "like:, near: and framework: speak of the query as a whole; put it at the end",
            )),
        }
    }

    /// A field's condition.
    fn field(&mut self, at: usize, typed: &fields::Typed<'_>) -> Result<Node, Problem> {
        let node = fields::node(typed, &self.names)?;
        match &node {
            Node::Like { .. } => {
                if self.of_the_whole.iter().any(|(_, like)| *like) {
                    return Err(Problem::new(
                        at,
                        "this is the second like: or near: of the query",
                        "say in one like: what the quotes should be like",
                    ));
                }
                self.of_the_whole.push((at, true));
            }
            Node::Framework(_) => self.of_the_whole.push((at, false)),
            _ => {}
        }
        Ok(node)
    }

    fn both(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut nodes = vec![self.single(depth)?];
        while self.take(|token| matches!(token, Token::And)) {
            nodes.push(self.single(depth)?);
        }
        Ok(one_or(nodes, Node::And))
    }

    fn single(&mut self, depth: usize) -> Result<Node, Problem> {
        let before = self.of_the_whole.len();
        let (mut negated, mut under_not) = (false, false);
        while self.take(|token| matches!(token, Token::Not)) {
            negated = !negated;
            under_not = true;
        }
        let node = self.plain(depth)?;
        if under_not {
            self.of_the_whole_since(before)?;
        }
        Ok(if negated { node.negated() } else { node })
    }

    fn plain(&mut self, depth: usize) -> Result<Node, Problem> {
        let Some(part) = self.parts.next() else {
            return Err(Problem::new(
                self.end,
                "something is missing at the end",
                "write what to look for after AND, OR, NOT or '('",
            ));
        };
        match part.token {
            Token::All => Ok(Node::All),
            Token::Word(words) => Ok(Node::Word(words)),
            Token::Exact(pattern) => Ok(Node::Exact(pattern)),
            Token::Field(typed) => self.field(part.at, &typed),
            Token::Open => self.group(part.at, depth + 1),
            Token::Close => Err(Problem::new(
                part.at,
                "there is nothing to look for before this parenthesis",
                "write a word or field:value before it, or leave it out",
            )),
            Token::And | Token::Or | Token::Not => Err(Problem::new(
                part.at,
                "this operator has nothing to work on",
                "AND and OR stand between two things, NOT before one; a word is written small",
            )),
        }
    }

    fn group(&mut self, open: usize, depth: usize) -> Result<Node, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new(
                open,
                format!("there are more than {DEEPEST} parentheses within each other"),
                "leave out those that are not needed",
            ));
        }
        let unclosed = || {
            Problem::new(
                open,
                "this parenthesis is not closed",
                "close it, or leave it out",
            )
        };
        if self.parts.peek().is_none() {
            return Err(unclosed());
        }
        let node = self.query(depth)?;
        if self.take(|token| matches!(token, Token::Close)) {
            Ok(node)
        } else {
            Err(unclosed())
        }
    }

    fn take(&mut self, wanted: fn(&Token<'_>) -> bool) -> bool {
        self.parts.next_if(|part| wanted(&part.token)).is_some()
    }
}

/// The only node, or all of them in a group.
fn one_or(mut nodes: Vec<Node>, group: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        Some(last) => {
            nodes.push(last);
            group(nodes)
        }
        None => Node::All,
    }
}

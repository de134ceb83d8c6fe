//! From the parts of a query to its tree:
//!
//! ```text
//! query    = either+                      side by side
//! either   = both ("OR" both)*
//! both     = single ("AND" single)*
//! single   = ("NOT" | "-")* (word | phrase | prefix | field | "*" | "(" query ")")
//! ```

use std::iter::Peekable;
use std::vec::IntoIter;

use super::error::Problem;
use super::fields;
use super::lexer::{self, Part, Token};
use super::node::Node;
use super::{Members, QueryError};

/// Parentheses within parentheses; more are a mistake.
const DEEPEST: usize = 32;

pub(super) fn parse(
    text: &str,
    stages: &dyn Fn(&str) -> Option<Members>,
) -> Result<Node, QueryError> {
    tree(text, stages).map_err(|problem| problem.in_text(text))
}

fn tree(text: &str, stages: &dyn Fn(&str) -> Option<Members>) -> Result<Node, Problem> {
    let parts = lexer::parts(text)?;
    if parts.is_empty() {
        return Err(Problem::new(
            0,
            "the query has nothing to look for",
            "write a word, a \"phrase\" or field:value",
        ));
    }
    let mut parser = Parser {
        parts: parts.into_iter().peekable(),
        end: text.len(),
        stages,
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

struct Parser<'t, 's> {
    parts: Peekable<IntoIter<Part<'t>>>,
    end: usize,
    stages: &'s dyn Fn(&str) -> Option<Members>,
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
        let mut nodes = vec![self.both(depth)?];
        while self.take(|token| matches!(token, Token::Or)) {
            nodes.push(self.both(depth)?);
        }
        Ok(one_or(nodes, Node::Or))
    }

    fn both(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut nodes = vec![self.single(depth)?];
        while self.take(|token| matches!(token, Token::And)) {
            nodes.push(self.single(depth)?);
        }
        Ok(one_or(nodes, Node::And))
    }

    fn single(&mut self, depth: usize) -> Result<Node, Problem> {
        let mut negated = false;
        while self.take(|token| matches!(token, Token::Not)) {
            negated = !negated;
        }
        let node = self.plain(depth)?;
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
            Token::Phrase(words) => Ok(Node::Phrase(words)),
            Token::Prefix(word) => Ok(Node::Prefix(word)),
            Token::Field(typed) => fields::node(typed, self.stages),
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

//! Documents that say what another one says already.
//!
//! A study gets the same words twice: an export and the next one overlap, an
//! interview lies there as text and as captions, a review was posted on two
//! sites. [`Duplicates`] is told of every document and finds, for each that
//! repeats another, which one. "Good." by two authors is two mentions, so that
//! short texts count as repeated only where they are the same person's words on
//! the same occasion.
//!
//! Long texts are compared by the words in threes of which they are made: the
//! share that two texts have in common (Jaccard), exact up to 64 of them and
//! estimated from the 64 smallest hashes beyond (bottom-k sketches; Broder
//! 1997). Only texts that share some of their very smallest hashes are compared,
//! so that time grows with the number of documents and not with its square. The
//! outcome does not depend on the order in which documents come.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};
use throughline_core::Date;

/// Equal words are the same text from so many on, whoever signed them.
const LONG: usize = 20;
/// Nearly equal words are the same text from so many on.
const NEAR: usize = 40;
/// The least share of words in threes that near duplicates have in common.
const ALIKE: f64 = 0.8;
/// Hashes that a sketch holds.
const SKETCH: usize = 64;
/// Hashes under which a document is looked up …
const KEYS: usize = 8;
/// … of which so many must be shared before two are compared …
const SHARED: usize = 2;
/// … and under each of which so many documents are kept: what more have in
/// common is a phrase of everybody's.
const CROWD: usize = 16;

/// The words of a document, without regard to case, punctuation and breaks.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    hasher: Sha256,
    words: usize,
    last: [u64; 2],
    smallest: BTreeSet<u32>,
}

impl Wording {
    /// Takes in the next words.
    pub fn add(&mut self, text: &str) {
        let words = text.split(|c: char| !c.is_alphanumeric());
        for word in words.filter(|word| !word.is_empty()) {
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for c in word.chars().flat_map(char::to_lowercase) {
                hash = (hash ^ u64::from(c as u32)).wrapping_mul(0x0100_0000_01b3);
            }
            let hash = mixed(hash);
            self.hasher.update(hash.to_le_bytes());
            self.words += 1;
            let [first, second] = self.last;
            self.last = [second, hash];
            if self.words >= 3 {
                let three = mixed(first.wrapping_add(mixed(second.wrapping_add(mixed(hash)))));
                self.keep((three >> 32) as u32);
            }
        }
    }

    fn keep(&mut self, hash: u32) {
        if self.smallest.len() < SKETCH {
            self.smallest.insert(hash);
        } else if self.smallest.last().is_some_and(|last| hash < *last)
            && self.smallest.insert(hash)
        {
            self.smallest.pop_last();
        }
    }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014),
/// the finaliser of SplitMix64.
fn mixed(hash: u64) -> u64 {
    let mut z = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What tells two short texts with the same words apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Occasion {
    /// Who wrote it, as the source says.
    pub author: Option<String>,
    /// The day.
    pub date: Option<Date>,
    /// What it is about.
    pub product: Option<String>,
    /// The question that it answers.
    pub question: Option<String>,
}

/// A document that repeats another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duplicate {
    /// Its name.
    pub document: String,
    /// The name of the one that it repeats, which is none itself.
    pub of: String,
    /// True if the words are the same, false if nearly so.
    pub exact: bool,
}

struct Known {
    name: String,
    occasion: Occasion,
    words: usize,
    hash: [u8; 16],
    sketch: Vec<u32>,
}

/// Finds duplicates among all the documents that it is told of.
#[derive(Default)]
pub struct Duplicates {
    known: Vec<Known>,
}

impl Duplicates {
    /// Takes in a document. One without words repeats nothing.
    pub fn add(&mut self, name: &str, wording: Wording, occasion: Occasion) {
        if wording.words == 0 {
            return;
        }
        let mut hash = [0; 16];
        for (to, from) in hash.iter_mut().zip(wording.hasher.finalize()) {
            *to = from;
        }
        let sketch = if wording.words >= NEAR {
            wording.smallest.into_iter().collect()
        } else {
            Vec::new()
        };
        self.known.push(Known {
            name: name.to_owned(),
            occasion,
            words: wording.words,
            hash,
            sketch,
        });
    }

    /// Those that repeat another, in order of name. Of documents with the same
    /// words the first in that order counts.
    #[must_use]
    pub fn find(mut self) -> Vec<Duplicate> {
        self.known.sort_by(|a, b| a.name.cmp(&b.name));
        let mut found = Vec::new();
        let mut kept = Kept::default();
        for (index, document) in self.known.iter().enumerate() {
            let exact = kept.same(document);
            let near = || kept.alike(document, &self.known);
            let first = exact.map(|of| (of, true));
            match first.or_else(|| near().map(|of| (of, false))) {
                Some((of, exact)) => {
                    if let Some(of) = self.known.get(of) {
                        found.push(Duplicate {
                            document: document.name.clone(),
                            of: of.name.clone(),
                            exact,
                        });
                    }
                }
                None => kept.keep(index, document),
            }
        }
        found
    }
}

/// The documents that repeat none before them, by what others may share.
#[derive(Default)]
struct Kept<'d> {
    by_words: HashMap<[u8; 16], usize>,
    by_occasion: HashMap<([u8; 16], &'d Occasion), usize>,
    by_hash: HashMap<u32, Vec<usize>>,
}

impl<'d> Kept<'d> {
    fn same(&self, document: &'d Known) -> Option<usize> {
        let same = if document.words >= LONG {
            self.by_words.get(&document.hash)
        } else if document.occasion.author.is_some() {
            self.by_occasion.get(&(document.hash, &document.occasion))
        } else {
            None
        };
        same.copied()
    }

    /// The one that is most alike, the first among equals.
    fn alike(&self, document: &Known, known: &[Known]) -> Option<usize> {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for hash in document.sketch.iter().take(KEYS) {
            for other in self.by_hash.get(hash).into_iter().flatten() {
                *shared.entry(*other).or_default() += 1;
            }
        }
        let mut best: Option<(usize, f64)> = None;
        for (other, _) in shared.into_iter().filter(|(_, count)| *count >= SHARED) {
            let alike = known
                .get(other)
                .map_or(0.0, |other| alike(&document.sketch, &other.sketch));
            if alike >= ALIKE && best.is_none_or(|(_, most)| alike > most) {
                best = Some((other, alike));
            }
        }
        best.map(|(other, _)| other)
    }

    fn keep(&mut self, index: usize, document: &'d Known) {
        self.by_words.entry(document.hash).or_insert(index);
        if document.words < LONG && document.occasion.author.is_some() {
            let key = (document.hash, &document.occasion);
            self.by_occasion.entry(key).or_insert(index);
        }
        for hash in document.sketch.iter().take(KEYS) {
            let under = self.by_hash.entry(*hash).or_default();
            if under.len() < CROWD {
                under.push(index);
            }
        }
    }
}

/// The share of hashes that two texts have in common, from their smallest.
fn alike(a: &[u32], b: &[u32]) -> f64 {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let (mut all, mut both) = (0_usize, 0_usize);
    while all < SKETCH {
        match (a.peek(), b.peek()) {
            (Some(x), Some(y)) => {
                both += usize::from(x == y);
                let (x, y) = (**x, **y);
                if x <= y {
                    a.next();
                }
                if y <= x {
                    b.next();
                }
            }
            (Some(_), None) => _ = a.next(),
            (None, Some(_)) => _ = b.next(),
            (None, None) => break,
        }
        all += 1;
    }
    both as f64 / all.max(1) as f64
}

#[cfg(test)]
mod tests;

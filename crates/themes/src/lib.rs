//! Groups passages into themes and names each with a participant's own words.
//!
//! The principal type is [`Clustering`]: every [`Item`] in one [`Group`] or in
//! the rest with a reason. `study` calls [`cluster`] with the pain passages of
//! one stage and the vectors that `nlp` gave them, has the model read what
//! [`Proposals`] offers as labels, and calls [`choose_quotes`] for the evidence
//! of each theme; `report` prints it all. Nothing here reads a file,
//! and nothing is random: the same passages give the same themes in any order
//! and on any number of threads.
//!
//! ```
//! use throughline_core::{ContentHash, PassageId, Span, Vector};
//! use throughline_themes::{Claim, Item, Parameters, Proposals, Taken, choose_quotes, cluster};
//!
//! let said = [
//!     ("ann", "I could not find the price anywhere.", [9.0, 1.0, 0.0]),
//!     ("ben", "You could not find the price on the page.", [9.0, 0.0, 1.0]),
//!     ("cleo", "We could not find the price either.", [9.0, 1.0, 1.0]),
//!     ("dana", "The parcel came late.", [0.0, 9.0, -9.0]),
//! ];
//! let vectors = said.map(|(_, _, meaning)| Vector::quantise(&meaning));
//! let mut items = Vec::new();
//! for ((who, text, _), vector) in said.iter().zip(&vectors) {
//!     let span = Span::new(0, text.len())?;
//!     let id = PassageId::of(who, ContentHash::of(text.as_bytes()), span);
//!     items.push(Item { id, text, vector, document: who, participant: Some(who) });
//! }
//!
//! let themes = cluster(&items, &Parameters::default());
//! assert_eq!(themes.groups.len(), 1);
//! // A model that has read `proposals.texts()` would help to choose among them.
//! let proposals = Proposals::of(&items, &themes);
//! let names = proposals.choose(&[], Claim::Pain, &mut Taken::default());
//! let label = &names[0].group.label;
//! let words = &said[label.member].1[label.range.clone()];
//! assert!(words.starts_with("could not find the price"));
//! assert_eq!(themes.other[0].0, 3);
//! assert_eq!(choose_quotes(&items, &themes.groups[0].members, 2).len(), 2);
//! # Ok::<(), throughline_core::CoreError>(())
//! ```
//!
//! # How themes are found, and why so
//!
//! Average linkage on the vectors, after two steps that make one bar fit all
//! data: part of what all passages share is taken out (in the talk about one bank
//! everything is near everything), and each passage is drawn towards its nearest
//! neighbours (two wordings of one complaint come together). A passage that is
//! much less near to its theme than is usual in the same data goes to the rest.
//! No number of themes is asked for; [`Parameters`] is one setting for all data.
//!
//! Chosen by measurement on base MiniLM vectors of three public sets of short
//! texts with known topics (banking77, CLINC150, StackOverflow): the mean of 102
//! small draws (60 to 300 texts, 5 to 15 topics of Zipf sizes), which is what
//! the pains of one stage look like. AMI, mean error in the number of themes,
//! share of texts in a theme:
//!
//! | method | AMI | error | in a theme |
//! |---|---|---|---|
//! | **this crate** | **.81** | **2.3** | **.94** |
//! | k-means, told the true number | .76 | – | 1 |
//! | average linkage, best plain bar | .74 | 3.5 | 1 |
//! | neighbour graph and Louvain, best of 16 settings for two of the sets | .75 | 3.3 | 1 |
//! | HDBSCAN, smallest cluster 3 · 5 | .65 · .70 | 4.1 · 3.0 | .76 · .82 |
//!
//! On 300 fresh draws, drawn after the setting was fixed: .80, 3.0, .94. Since then
//! [`Parameters::belong_share`] went from .45 to .4, as fewer than 95 % of the texts
//! of messy sets were in a theme: AMI is the same or a little better on every set
//! and draw, .96 of the drawn texts are in a theme, and of out-of-scope texts
//! among small draws 85 % go to the rest instead of 89 %. Whole sets by
//! `cargo bench --bench themes`, base vectors and those of the built-in model:
//! banking77 .764 and .749, CLINC150 .864 and .841 (29 % and 26 % of its
//! out-of-scope texts to the rest), StackOverflow .57 and .589; over 99 % in a
//! theme. What else was tried on draws and on small messy sets, without a gain
//! that held on both: Leiden on neighbour graphs, reassignment to the nearest
//! centre, neighbours that are mutual or corrected for hubs, words beside
//! meaning. BERTopic on the same vectors: `benches/runs/`.
//!
//! Where everybody speaks of one subject, one theme can hold half of what is said:
//! 77 of 125 pains of using AI at work. More of the common direction taken out
//! divides it well there, and would divide a complaint that most people really
//! share as well: in draws of which one topic is three fifths, AMI falls by .03 to
//! .10. Nothing measured tells the two apart, so the theme stays whole and its
//! sub-themes say what is in it.
//!
//! # Sub-themes, and second themes
//!
//! A large theme is looked into by the same method once more, with more of what
//! its passages share taken out: what makes it one theme does not tell its parts
//! apart. A passage that fits another theme as well as half of that theme's own
//! passages do is named there too ([`Group::also`]), and counted once. Themes of
//! different stages that tell of the same thing are found by [`recurring`].
//!
//! # How themes are named
//!
//! A label is a stretch of one clause of one member: no boundary of a clause, no
//! negator and no modal before it is lost, no function word hangs at its end.
//! Counting proposes: stretches that hold the words that set the group apart
//! (class TF-IDF) and make a claim, from members near the centre. Reading
//! decides: the model's own vector and tags of the few words by themselves say
//! whether they still mean what the group means, more so than what any other
//! group means, and whether they state a pain, or praise. The word lists are
//! English, kept in `data/`; other languages are grouped as well but named with
//! less care.

mod cluster;
mod clustering;
mod label;
mod linkage;
mod naming;
mod parameters;
mod quotes;
mod recurring;
mod space;
mod terms;
mod words;

pub use cluster::cluster;
pub use clustering::{Clustering, Group, Item, Label, Name};
pub use naming::{Claim, Names, Proposals, Taken};
pub use parameters::Parameters;
pub use quotes::choose_quotes;
pub use recurring::recurring;

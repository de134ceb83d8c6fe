//! Intervals, tests, agreement and saturation, each with the source of its formula.
//!
//! Pure functions of numbers and labels: nothing here reads a document. The
//! principal type is [`Estimate`], a value with its interval; its unit is
//! always the participant (the document where nobody is named), because ten
//! remarks of one person are not ten witnesses. `study` calls these functions
//! with what it counted, `report` prints what they return.
//!
//! Random draws come from a small generator of our own ([`SplitMix64`]) with an
//! explicit seed, and inputs are sorted before they are drawn from, so that the
//! same study gives the same interval in any order of files. Every interval
//! holds at 95 % *if* these were a random sample of the people asked about;
//! with fewer than ten people a bootstrap interval is too narrow, and a report
//! should say so.
//!
//! ```
//! use throughline_core::Sentiment;
//! use throughline_stats::{Bootstrap, effective_voices, net_sentiment, wilson};
//!
//! // 4 of 10 participants could not find the price.
//! let share = wilson(4, 10).ok_or("nobody was asked")?;
//! assert!((share.low - 0.168).abs() < 0.001 && (share.high - 0.687).abs() < 0.001);
//!
//! // Dana speaks twice, Ben and Cleo once each.
//! let said = [
//!     ("dana", Sentiment::Negative),
//!     ("dana", Sentiment::Negative),
//!     ("ben", Sentiment::Positive),
//!     ("cleo", Sentiment::Negative),
//! ];
//! let net = net_sentiment(&said, Bootstrap::default()).ok_or("nobody spoke")?;
//! assert_eq!(net.value, -0.5);
//! assert_eq!(net.units, 3);
//! assert!(net.interval.is_some_and(|i| i.low < -0.5 && i.high > -0.5));
//!
//! assert!((effective_voices(&[2, 1, 1]) - 2.67).abs() < 0.01);
//! # Ok::<(), &str>(())
//! ```

mod agreement;
mod bootstrap;
mod comparison;
mod generator;
mod impact;
mod interval;
mod ordinal;
mod ranking;
mod sampling;
mod saturation;
mod voices;

pub use agreement::{Agreement, Coded, Pair, agreement, krippendorff_alpha};
pub use bootstrap::{
    Bootstrap, Estimate, clustered_mean, net_sentiment, resampled, weighted_clustered_mean,
};
pub use comparison::{ChiSquare, Trend, TwoShares, chi_square, holm, trend};
pub use generator::SplitMix64;
pub use impact::{Impact, Ratings, impact};
pub use interval::{Interval, WeightedShare, weighted_share, wilson};
pub use ordinal::{distribution, median};
pub use ranking::{RankRange, rank_ranges};
pub use sampling::{allocate, systematic};
pub use saturation::{NewInformation, Richness, chao2, co_occurrence, new_information};
pub use voices::effective_voices;

use crate::bootstrap::{each_resample, quantile};
use crate::{Bootstrap, Interval};

/// The ratings that one participant gave (or an anonymous document).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ratings {
    /// Their sum.
    pub sum: f64,
    /// How many.
    pub count: f64,
}

/// How ratings go with mentioning something. None of it says that the one
/// causes the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// Mean of all ratings.
    pub mean: f64,
    /// Mean of the ratings by those who do not mention it, less
    /// [`Self::mean`].
    pub without: f64,
    /// The interval of [`Self::without`] at 95 %.
    pub without_interval: Option<Interval>,
    /// Mean of the ratings that come with a mention, less the mean of the
    /// others.
    pub difference: f64,
    /// The interval of [`Self::difference`] at 95 %.
    pub difference_interval: Option<Interval>,
}

/// The impact of each of several themes on ratings. `all` holds each
/// participant's ratings; a theme is a list of (participant's place in `all`,
/// those of the participant's ratings that come with a mention). `None` for a
/// theme that no rating, or every rating, comes with.
///
/// Whole participants are drawn, and the same ones for all themes, so that the
/// cost of a draw is that of one walk over the participants and the mentions.
/// Draws in which a theme is mentioned by nobody or by all are left out of its
/// interval.
///
/// Source: the difference of two ratio means under resampling of clusters, A. C.
/// Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997),
/// section 3.8.
#[must_use]
pub fn impact(
    all: &[Ratings],
    themes: &[Vec<(usize, Ratings)>],
    bootstrap: Bootstrap,
) -> Vec<Option<Impact>> {
    let once = vec![1.0; all.len()];
    let whole = total(all, &once);
    let found: Vec<Option<Means>> = themes
        .iter()
        .map(|theme| means(whole, theme, &once))
        .collect();
    let mut drawn_values: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); themes.len()];
    let mut times = vec![0.0; all.len()];
    each_resample(all.len(), bootstrap, &mut |drawn| {
        times.fill(0.0);
        for number in drawn {
            if let Some(times) = times.get_mut(*number) {
                *times += 1.0;
            }
        }
        let whole = total(all, &times);
        for (theme, values) in themes.iter().zip(&mut drawn_values) {
            if let Some(means) = means(whole, theme, &times) {
                values.0.push(means.without());
                values.1.push(means.difference());
            }
        }
    });
    let themes = found.into_iter().zip(drawn_values);
    themes
        .map(|(found, (without, difference))| {
            let means = found?;
            Some(Impact {
                mean: means.all,
                without: means.without(),
                without_interval: interval(without),
                difference: means.difference(),
                difference_interval: interval(difference),
            })
        })
        .collect()
}

/// Means of all ratings, of those with a mention, and of the others.
struct Means {
    all: f64,
    with: f64,
    others: f64,
}

impl Means {
    fn without(&self) -> f64 {
        self.others - self.all
    }

    fn difference(&self) -> f64 {
        self.with - self.others
    }
}

/// All ratings, each voice's as many times as it was drawn.
fn total(all: &[Ratings], times: &[f64]) -> Ratings {
    let mut whole = Ratings::default();
    for (ratings, times) in all.iter().zip(times) {
        whole.sum += times * ratings.sum;
        whole.count += times * ratings.count;
    }
    whole
}

fn means(whole: Ratings, theme: &[(usize, Ratings)], times: &[f64]) -> Option<Means> {
    let mut with = Ratings::default();
    for (number, ratings) in theme {
        let times = times.get(*number).copied().unwrap_or(0.0);
        with.sum += times * ratings.sum;
        with.count += times * ratings.count;
    }
    let others = Ratings {
        sum: whole.sum - with.sum,
        count: whole.count - with.count,
    };
    let mean = |ratings: Ratings| (ratings.count > 0.5).then(|| ratings.sum / ratings.count);
    Some(Means {
        all: mean(whole)?,
        with: mean(with)?,
        others: mean(others)?,
    })
}

fn interval(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&values, 0.025)?,
        high: quantile(&values, 0.975)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(rating: f64) -> Ratings {
        Ratings {
            sum: rating,
            count: 1.0,
        }
    }

    /// By hand: ratings 1, 2, 4, 5, 5, the first two with a mention.
    #[test]
    fn those_who_mention_it_are_set_against_the_others() {
        let all = [1.0, 2.0, 4.0, 5.0, 5.0].map(one);
        let theme = vec![(0, one(1.0)), (1, one(2.0))];
        let found = impact(&all, &[theme], Bootstrap::default());
        let found = found[0].unwrap();
        assert!((found.mean - 3.4).abs() < 1e-12);
        assert!((found.without - (14.0 / 3.0 - 3.4)).abs() < 1e-12);
        assert!((found.difference - (1.5 - 14.0 / 3.0)).abs() < 1e-12);
        let interval = found.difference_interval.unwrap();
        assert!(interval.low < found.difference && found.difference < interval.high);
        assert!(interval.high < 0.0);
    }

    #[test]
    fn what_everybody_or_nobody_mentions_has_no_impact() {
        let all = [1.0, 2.0].map(one);
        let everybody = vec![(0, one(1.0)), (1, one(2.0))];
        let found = impact(&all, &[everybody, Vec::new()], Bootstrap::default());
        assert_eq!(found, [None, None]);
        assert_eq!(impact(&[], &[Vec::new()], Bootstrap::default()), [None]);
    }

    /// One person's many ratings count as one draw.
    #[test]
    fn a_talkative_person_does_not_narrow_the_interval() {
        let many = Ratings {
            sum: 100.0,
            count: 100.0,
        };
        let all = [many, one(3.0), one(4.0), one(5.0)];
        let found = impact(&all, &[vec![(0, many)]], Bootstrap::default())[0].unwrap();
        assert!((found.difference + 3.0).abs() < 1e-12);
        let interval = found.difference_interval.unwrap();
        assert!(
            interval.low <= -3.5 && interval.high >= -2.5,
            "{interval:?}"
        );
    }
}

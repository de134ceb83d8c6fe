/// How themes are found: one fixed setting for all data.
///
/// The defaults were chosen by measurement on three public sets of short texts
/// with known topics, whole and in small draws; see the crate's front page.
/// Nothing is random, so there is no seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Fewer passages than this are no theme; at least 1.
    pub smallest_theme: usize,
    /// How much of the direction that all passages share is taken out of each,
    /// 0…1. What everybody says does not tell two themes apart.
    pub common_share: f64,
    /// How strongly a passage is drawn towards its nearest neighbours before
    /// groups are joined, 0 (not at all) upwards. It evens out wording.
    pub neighbour_pull: f64,
    /// Two groups are joined while the mean cosine between their passages is at
    /// least this, −1…+1, and [`Self::join_step`] more for each neighbour.
    pub join_at: f64,
    /// How much the bar for joining rises with each neighbour that a passage is
    /// drawn to: the more neighbours even out its wording, the nearer all
    /// passages of one subject come to each other.
    pub join_step: f64,
    /// A passage belongs to a theme if its cosine to the theme's centre is at
    /// least this share, 0…1, of the median such cosine in the same data: some
    /// data are looser than others throughout.
    pub belong_share: f64,
    /// Above this many passages, themes are looked for in a sample of this size
    /// and the other passages are then placed in them. Memory grows with its
    /// square: four bytes for each pair.
    pub sample: usize,
    /// A theme of at least so many passages is looked into for sub-themes.
    pub divide_from: usize,
    /// [`Self::common_share`] within a theme: what makes it one theme does not
    /// tell its sub-themes apart.
    pub part_share: f64,
    /// [`Self::sample`] within a theme.
    pub part_sample: usize,
    /// Themes of two stages are one that recurs if the mean cosine between their
    /// passages is at least this share, 0…1, of the mean cosine within them.
    pub recurs_at: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            smallest_theme: 3,
            common_share: 0.4,
            neighbour_pull: 3.0,
            join_at: 0.26,
            join_step: 0.0225,
            belong_share: 0.4,
            sample: 6_000,
            divide_from: 16,
            part_share: 0.55,
            part_sample: 1_000,
            recurs_at: 0.8,
        }
    }
}

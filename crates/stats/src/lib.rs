//! Intervals, tests, bootstrap, agreement and saturation, each with its source.

//! Tags passages with moment, sentiment, pain and touchpoint, and gives each a vector.

//! Groups passages into themes and names each with a participant's own words.

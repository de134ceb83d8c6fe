//! Rows for spreadsheets, with nothing in them that a spreadsheet would run.

/// A cell as it is written: what a spreadsheet would take for a formula gets an
/// apostrophe in front, and so does what begins with one, so that taking a first
/// apostrophe off gives every cell back as it was.
pub(crate) fn cell(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']);
    let mark = if risky { "'" } else { "" };
    format!("{mark}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_cell_begins_as_a_formula() {
        for text in ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\n=x"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        assert_eq!(cell("a=b"), "a=b");
        assert_eq!(cell(""), "");
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(text in "[='+@\\t-]{0,3}.{0,9}") {
            let written = cell(&text);
            prop_assert_eq!(written.strip_prefix('\'').unwrap_or(&written), text);
        }
    }
}

//! PDFs made here: a font, a few lines of text at places, and what is read.

use std::fmt::Write;

use super::*;

/// A document of pages with the contents that are given. They are written with
/// the font F1, Helvetica.
fn pdf(pages: &[String]) -> Vec<u8> {
    document(pages, "", "")
}

fn document(pages: &[String], of_page: &str, of_trailer: &str) -> Vec<u8> {
    let kids: String = (0..pages.len()).fold(String::new(), |mut kids, at| {
        let _ = write!(kids, "{} 0 R ", 4 + 2 * at);
        kids
    });
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_owned(),
    ];
    for (at, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {of_page} \
             /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            5 + 2 * at
        ));
        objects.push(format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ));
    }
    let mut out = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (object, number) in objects.iter().zip(1..) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{number} 0 obj\n{object}\nendobj\n");
    }
    let start = out.len();
    let _ = write!(
        out,
        "{table}trailer\n<< /Size {} /Root 1 0 R {of_trailer} >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    out.into_bytes()
}

/// `words` in letters of `size`, `right` and `up` from the corner of the page.
fn at(right: f64, up: f64, size: f64, words: &str) -> String {
    format!("BT /F1 {size} Tf 1 0 0 1 {right} {up} Tm ({words}) Tj ET\n")
}

/// Lines of one page below each other; an empty one is the gap of a paragraph.
fn lines(lines: &[&str]) -> String {
    let mut up = 760.0;
    let mut page = String::new();
    for line in lines {
        match line.is_empty() {
            true => up -= 10.0,
            false => {
                page += &at(72.0, up, 11.0, line);
                up -= 14.0;
            }
        }
    }
    page
}

fn text_of(bytes: &[u8]) -> String {
    read(bytes).map(|read| read.decoded.text).unwrap()
}

fn skipped(bytes: &[u8]) -> Vec<(u64, String)> {
    let skipped = read(bytes).map(|read| read.skipped).unwrap();
    skipped
        .into_iter()
        .map(|skip| (skip.count, skip.reason))
        .collect()
}

#[test]
fn wrapped_lines_are_joined_and_turns_are_not() {
    let page = lines(&[
        "Interviewer: How did you find the kettle, the red one?",
        "Dana: I typed its name into the search field, and got teapots and",
        "trays. Nothing had a price on it, and I could not find out how to pay.",
        "Interviewer: And then?",
        "Dana: I left.",
    ]);
    assert_eq!(
        text_of(&pdf(&[page])),
        "Interviewer: How did you find the kettle, the red one?\n\
         Dana: I typed its name into the search field, and got teapots and \
         trays. Nothing had a price on it, and I could not find out how to pay.\n\
         Interviewer: And then?\nDana: I left.\n"
    );
}

#[test]
fn a_wider_gap_begins_a_paragraph_and_a_page_breaks_none() {
    let first = lines(&[
        "The parcel came after three weeks, and nobody had told me that it would",
        "take so long. I had written to them twice.",
        "",
        "What I minded most was that the courier left it with a neighbour who was",
    ]);
    let second = lines(&["on holiday. It stood in the rain.", "", "I sent it back."]);
    assert_eq!(
        text_of(&pdf(&[first, second])),
        "The parcel came after three weeks, and nobody had told me that it would take \
         so long. I had written to them twice.\n\n\
         What I minded most was that the courier left it with a neighbour who was on \
         holiday. It stood in the rain.\n\nI sent it back.\n"
    );
}

#[test]
fn parted_words_are_joined_and_counted() {
    let page = lines(&[
        "Dana: I had put everything into the basket, then I came to the pay-",
        "ment page, and there it asked for a number that nobody had ever sent, a well-",
        "known trick. A well-known one, and it took me an hour to find out what it was.",
    ]);
    let bytes = pdf(&[page]);
    assert_eq!(
        text_of(&bytes),
        "Dana: I had put everything into the basket, then I came to the payment page, \
         and there it asked for a number that nobody had ever sent, a well- known trick. \
         A well-known one, and it took me an hour to find out what it was.\n"
    );
    assert_eq!(
        skipped(&bytes),
        [(1, "words parted at the end of a line; joined".to_owned())]
    );
}

#[test]
fn running_lines_are_left_out_and_labels_are_not() {
    let page = |number: usize, words: &[&str]| {
        at(72.0, 805.0, 9.0, "Interview 7: the kettle study")
            + &lines(words)
            + &at(280.0, 30.0, 9.0, &format!("Page {number} of 3"))
    };
    let bytes = pdf(&[
        page(1, &["Dana:", "Too slow.", "I:", "Why?"]),
        page(2, &["Dana:", "It froze.", "I:", "Twice?"]),
        page(3, &["Dana:", "At 30.", "I:", "I see."]),
    ]);
    assert_eq!(
        text_of(&bytes).replace("\n\n", "\n"),
        "Dana:\nToo slow.\nI:\nWhy?\nDana:\nIt froze.\nI:\nTwice?\nDana:\nAt 30.\nI:\nI see.\n"
    );
    assert_eq!(
        skipped(&bytes),
        [(
            6,
            "page numbers, running heads and feet; left out".to_owned()
        )]
    );
}

#[test]
fn every_stretch_leads_back_to_its_page() {
    let bytes = pdf(&[
        lines(&[
            "I: What was it?",
            "P: The caf\\351, a place that I had never been to, and which pleased",
        ]),
        lines(&["me very much."]),
    ]);
    let read = read(&bytes).unwrap();
    let decoded = read.decoded;
    assert!(
        decoded.text.contains("P: The café, a place"),
        "{}",
        decoded.text
    );
    assert!(
        decoded.text.ends_with("pleased me very much.\n"),
        "{}",
        decoded.text
    );
    let of_second: Vec<_> = decoded
        .segments
        .iter()
        .filter(|segment| segment.part.as_deref() == Some("page 2"))
        .collect();
    assert_eq!(of_second.len(), 1);
    assert_eq!(
        of_second[0].canonical.slice(&decoded.text),
        Some("me very much.")
    );
    assert_eq!(of_second[0].source.range(), 0.."me very much.".len());
}

#[test]
fn a_page_on_its_side_reads_like_any_other() {
    let upright =
        |words: &str, right: f64| format!("BT /F1 11 Tf 0 1 -1 0 {right} 60 Tm ({words}) Tj ET\n");
    let page = upright("I: Why did you leave?", 60.0) + &upright("P: The price.", 74.0);
    let bytes = document(&[page], "/Rotate 90", "");
    assert_eq!(text_of(&bytes), "I: Why did you leave?\nP: The price.\n");
}

#[test]
fn what_cannot_be_read_says_why() {
    let page = [lines(&["I: Why?", "P: The price."])];
    let key = "A".repeat(32);
    let protected = format!(
        "/Encrypt << /Filter /Standard /V 1 /R 2 /O ({key}) /U ({key}) /P -4 >> /ID [<00> <00>]"
    );
    let strange = "/Encrypt << /Filter /Standard /V 9 /R 9 >> /ID [<00> <00>]";
    for (bytes, said) in [
        (document(&page, "", &protected), "protected by a password"),
        (document(&page, "", strange), "encrypted in a way"),
        (
            pdf(&["0.5 g 10 10 100 100 re f".to_owned()]),
            "run text recognition",
        ),
        (
            b"%PDF-1.4\n1 0 obj\n<< /Type /Cat".to_vec(),
            "damaged or no PDF",
        ),
    ] {
        let problem = read(&bytes).err().unwrap_or_default();
        assert!(problem.contains(said), "{problem}");
    }
}

#[test]
fn names_in_a_column_of_their_own_say_what_stands_beside_them() {
    let row = |up: f64, name: &str, said: &[&str]| {
        let mut page = at(60.0, up, 10.0, name);
        for (line, words) in said.iter().enumerate() {
            page += &at(150.0, up - 12.0 * line as f64, 10.0, words);
        }
        page
    };
    let page = at(60.0, 780.0, 10.0, "Study 7")
        + &row(760.0, "Interviewer", &["How did you find the kettle?"])
        + &row(740.0, "Dana", &["A friend had one. I went to the page and could not find a", "price before I had given my address."])
        + &row(700.0, "Interviewer:", &["And then?"])
        // A name in the middle of its cell stands off the line beside it.
        + &at(60.0, 666.0, 10.0, "Dana")
        + &row(672.0, "", &["I left. The parcel that I ordered afterwards, elsewhere,", "came the next day."]);
    let read = read(&pdf(&[page])).unwrap();
    assert_eq!(
        read.decoded.text,
        "Study 7\n\nInterviewer: How did you find the kettle?\n\n\
         Dana: A friend had one. I went to the page and could not find a \
         price before I had given my address.\n\nInterviewer: And then?\n\n\
         Dana: I left. The parcel that I ordered afterwards, elsewhere, came the next day.\n"
    );
    let names: Vec<_> = read.speakers.iter().map(String::as_str).collect();
    assert_eq!(names, ["Dana", "Interviewer"]);
}

#[test]
fn a_table_of_facts_names_nobody() {
    let rows = [
        ("Age", "44"),
        ("City", "Leeds"),
        ("Owns", "Two"),
        ("Since", "2019"),
    ];
    let mut page = String::new();
    for (line, (name, value)) in rows.iter().enumerate() {
        let up = 760.0 - 12.0 * line as f64;
        page += &at(60.0, up, 10.0, name);
        page += &at(150.0, up, 10.0, value);
    }
    let read = read(&pdf(&[page])).unwrap();
    assert_eq!(
        read.decoded.text,
        "Age 44\nCity Leeds\nOwns Two\nSince 2019\n"
    );
    assert!(read.speakers.is_empty());
}

#[test]
fn letters_from_right_to_left_are_refused() {
    let page = |text: &str| {
        let mut page = Page::default();
        text.clone_into(&mut page.text);
        page
    };
    assert!(
        text::text(vec![page("שלום שלום, Dana")]).is_err_and(|said| said.contains("right to left"))
    );
    assert!(text::text(vec![page("Shalom is שלום.")]).is_ok());
}

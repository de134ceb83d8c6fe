use super::*;
use proptest::prelude::*;

fn spans(decoded: &Decoded) -> Vec<(Range<usize>, Range<usize>, bool)> {
    decoded
        .segments
        .iter()
        .map(|s| (s.canonical.range(), s.source.range(), s.exact))
        .collect()
}

fn utf16(text: &str, little: bool, bom: bool) -> Vec<u8> {
    let mark = bom.then_some(0xFEFF);
    mark.into_iter()
        .chain(text.encode_utf16())
        .flat_map(|unit| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect()
}

#[test]
fn a_plain_file_is_one_segment() {
    let decoded = decode("Dana: Ça va.\nOk.\n".as_bytes());
    assert_eq!(spans(&decoded), [(0..18, 0..18, true)]);
    assert_eq!((decoded.charset, decoded.replaced), ("UTF-8", 0));
    let marked = decode(b"\xEF\xBB\xBFHi\n");
    assert_eq!(marked.text, "Hi\n");
    assert_eq!(spans(&marked), [(0..3, 3..6, true)]);
    assert!(decode(b"").segments.is_empty());
}

#[test]
fn every_line_end_becomes_one_lf_and_says_so() {
    let decoded = decode(b"a\r\nb\rc\n\r");
    assert_eq!(decoded.text, "a\nb\nc\n\n");
    let want = [
        (0..1, 0..1, true),
        (1..2, 1..3, false),
        (2..3, 3..4, true),
        (3..4, 4..5, false),
        (4..6, 5..7, true),
        (6..7, 7..8, false),
    ];
    assert_eq!(spans(&decoded), want);
}

#[test]
fn utf16_is_read_with_and_without_its_mark() {
    for text in [
        "Dana: I gave up.\r\nBen: Why?\r\n",
        "田中: 高いです。\n佐藤: はい、そうですね。\n",
    ] {
        for (little, bom) in [(true, true), (true, false), (false, true), (false, false)] {
            let bytes = utf16(text, little, bom);
            let decoded = decode(&bytes);
            assert_eq!(decoded.text, text.replace("\r\n", "\n"), "{little} {bom}");
            assert!(!looks_binary(&bytes));
            assert_eq!(decoded.segments.last().unwrap().source.end, bytes.len());
        }
    }
    let mut torn = utf16("ab\n\u{1F642}", true, true);
    torn.truncate(torn.len() - 1);
    let decoded = decode(&torn);
    assert_eq!(decoded.text, "ab\n\u{FFFD}\u{FFFD}");
    assert_eq!(
        (decoded.replaced, decoded.first_replaced_line),
        (3, Some(2))
    );
}

#[test]
fn utf32_is_read_by_its_mark() {
    for little in [true, false] {
        let unit = |c: char| match little {
            true => u32::from(c).to_le_bytes(),
            false => u32::from(c).to_be_bytes(),
        };
        let mut bytes: Vec<u8> = "\u{FEFF}Caf\u{e9} \u{1F642}\r\nb\n"
            .chars()
            .flat_map(unit)
            .collect();
        assert!(!looks_binary(&bytes));
        bytes.extend([0xFF; 4]);
        bytes.push(7);
        let decoded = decode(&bytes);
        assert_eq!(decoded.text, "Café 🙂\nb\n\u{FFFD}\u{FFFD}");
        assert_eq!(
            (decoded.replaced, decoded.first_replaced_line),
            (5, Some(3))
        );
        assert_eq!(decoded.segments.last().unwrap().source.end, bytes.len());
        assert!(decoded.charset.starts_with("UTF-32"));
    }
}

#[test]
fn broken_utf8_stays_utf8_and_names_its_line() {
    let decoded = decode(
        "Zoë: Füße, naïve.\nBroken: \u{0}"
            .as_bytes()
            .iter()
            .map(|b| if *b == 0 { 0xC3 } else { *b })
            .collect::<Vec<_>>()
            .as_slice(),
    );
    assert_eq!(decoded.text, "Zoë: Füße, naïve.\nBroken: \u{FFFD}");
    assert_eq!(decoded.charset, "UTF-8");
    assert_eq!(
        (decoded.replaced, decoded.first_replaced_line),
        (1, Some(2))
    );
}

#[test]
fn older_charsets_are_guessed() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252
        .encode("Le café était fermé à Noël, où êtes-vous ?\r\nTrès déçu.\r\n");
    let decoded = decode(&bytes);
    assert_eq!(
        decoded.text,
        "Le café était fermé à Noël, où êtes-vous ?\nTrès déçu.\n"
    );
    assert_eq!(decoded.charset, "windows-1252");
    let text = "田中：支払いの画面で止まってしまいました。\n佐藤：それは困りましたね。いつのことですか。\n";
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let decoded = decode(&bytes);
    assert_eq!(
        (decoded.text.as_str(), decoded.charset),
        (text, "Shift_JIS")
    );
    assert_eq!(decoded.segments.len(), 4, "a line and its end each");
}

#[test]
fn binary_is_told_from_text() {
    assert!(looks_binary(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"));
    assert!(looks_binary(b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0"));
    let utf32: Vec<u8> = "Dana: hello"
        .chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect();
    assert!(looks_binary(&utf32), "UTF-32 is known by its mark alone");
    assert!(!looks_binary(b""));
    assert!(!looks_binary(
        "tab\there\r\nand \u{1b}[1mbold\u{1b}[0m, ünï".as_bytes()
    ));
    let (shift_jis, _, _) = encoding_rs::SHIFT_JIS.encode("支払いの画面で止まってしまいました");
    assert!(!looks_binary(&shift_jis));
}

#[test]
fn a_large_line_takes_linear_time() {
    let line = "and so on ".repeat(400_000);
    assert_eq!(decode(line.as_bytes()).segments.len(), 1);
    let (old, _, _) = encoding_rs::WINDOWS_1252.encode("\u{e9}t\u{e9} ");
    let old = old.repeat(500_000);
    assert!(decode(&old).segments.len() < 20_000);
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            "\\PC{0,8}",
            Just("\r\n".to_owned()),
            Just("\n".to_owned()),
            Just("\r".to_owned()),
            "[a-z ]{0,300}",
        ],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn segments_cover_the_text_and_lead_back(text in any_text(), form in 0..3_u8) {
        let text = text.trim_start_matches('\u{FEFF}');
        let bytes = match form {
            0 => text.as_bytes().to_vec(),
            1 => utf16(text, true, true),
            _ => utf16(text, false, true),
        };
        // UTF-8 without a mark may happen to look like UTF-16 or like broken text.
        prop_assume!(form > 0 || charset_of(&bytes).0 == UTF_8);
        prop_assume!(form > 0 || Encoding::for_bom(&bytes).is_none());
        let decoded = decode(&bytes);
        let want = text.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(&decoded.text, &want);
        prop_assert_eq!(decoded.replaced, 0);
        let (mut canonical, mut source) = (0, 0);
        for segment in &decoded.segments {
            prop_assert_eq!(segment.canonical.start, canonical);
            prop_assert!(segment.source.start >= source);
            canonical = segment.canonical.end;
            source = segment.source.end;
            let from = &bytes[segment.source.range()];
            let piece = segment.canonical.slice(&decoded.text).unwrap();
            prop_assert_eq!(segment.exact, form == 0 && from == piece.as_bytes());
            let again = match form {
                0 => String::from_utf8(from.to_vec()).unwrap(),
                1 => UTF_16LE.decode_without_bom_handling(from).0.into_owned(),
                _ => UTF_16BE.decode_without_bom_handling(from).0.into_owned(),
            };
            prop_assert_eq!(again.replace("\r\n", "\n").replace('\r', "\n"), piece);
        }
        prop_assert_eq!(canonical, decoded.text.len());
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let decoded = decode(&bytes);
        let covered: usize = decoded.segments.iter().map(|s| s.canonical.len()).sum();
        prop_assert_eq!(covered, decoded.text.len());
        prop_assert!(decoded.segments.iter().all(|s| s.source.end <= bytes.len()));
        prop_assert!(!decoded.text.contains('\r'));
        looks_binary(&bytes);
    }
}

//! Postal addresses: a house, a postcode that finds one, a box.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::pattern::pattern;

/// What streets are called in English, as a whole or as people shorten it.
const STREET: &str = "(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|court|ct|way|place|pl|crescent|cres|terrace|gardens|gdns|square|sq|boulevard|blvd|row|hill|grove|mews|parkway|pkwy|highway|hwy|walk|rise|green|park|view|quay|wharf|circle|trail)";
/// Words of a name: capitals, with what stands between them.
const NAME: &str = r"\p{Lu}[\pL'’.-]*";
const ROOM: &str = r"(?i:flat|apt\.?|apartment|unit|suite|room|no\.?)\s[0-9]{1,4}[A-Za-z]?";
const UK_CODE: &str = r"[A-Z]{1,2}[0-9][0-9A-Z]?\s?[0-9][A-Z]{2}";

static ADDRESSES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let town = format!(r"(?:,\s{NAME}\b(?:\s{NAME}\b){{0,2}})?");
    let code = format!(r"(?:,?\s(?:[A-Z]{{2}}\s)?[0-9]{{5}}(?:-[0-9]{{4}})?\b|,?\s{UK_CODE}\b)?");
    let mainland = format!(r"(?:,?\s[0-9]{{4,5}}(?:\s[A-Z]{{2}})?\s{NAME}(?:[\s-]{NAME})?)?");
    vec![
        // 48 Larch Grove, Peelwick PW1 2AB
        pattern(&format!(
            r"\b(?:{ROOM},?\s)?[0-9]{{1,5}}[A-Za-z]?,?\s(?:{NAME}\s){{1,4}}{STREET}\b\.?(?:,\s{ROOM}\b)?{town}{code}"
        )),
        // Lindenstraße 14, 10969 Berlin
        pattern(&format!(
            r"\b\p{{Lu}}[\pL-]*(?:straße|strasse|str\.|weg|allee|platz|gasse|damm|ufer|straat|laan|plein|gracht|kade)\s[0-9]{{1,4}}[a-z]?\b{mainland}"
        )),
        // 12 rue des Lilas, 69003 Lyon
        pattern(&format!(
            r"\b[0-9]{{1,4}}(?:\s?(?:bis|ter))?,?\s(?i:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|route)\s(?:(?:de|des|du|la|le|les)\s|d['’]|l['’]){{0,2}}{NAME}(?:[\s-](?:de\s|la\s|du\s)?{NAME}){{0,3}}{mainland}"
        )),
        // Calle de la Luna 7, Via Roma, 12
        pattern(&format!(
            r"\b(?:Calle|C/|Avenida|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Rua|Largo)\s(?:(?:de|del|della|la|las|los|di|do|da)\s){{0,2}}{NAME}(?:\s{NAME}){{0,3}},?\s[0-9]{{1,4}}\b{mainland}"
        )),
        pattern(r"(?i)\bP\.?\s?O\.?\s?Box\s[0-9]{1,7}\b"),
        pattern(r"(?i)\bPostfach\s[0-9]{1,7}\b"),
        pattern(r"\b[A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2}\b"),
        pattern(
            r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\s[0-9]{5}(?:-[0-9]{4})?\b",
        ),
    ]
});

pub(crate) fn addresses(text: &str) -> Vec<Range<usize>> {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for address in ADDRESSES.iter() {
        found.extend(address.find_iter(text).map(|found| {
            let trimmed = found.as_str().trim_end_matches(['.', ',']);
            found.start()..found.start() + trimmed.len()
        }));
    }
    // "Flat 3, 12 High Street" is one place, however many patterns saw it.
    found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    found
}

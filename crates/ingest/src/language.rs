//! Which language a document is in.
//!
//! English is told by its small words, as most texts are English and the look is
//! quick; for the rest the `whatlang` crate compares letters in threes. A text
//! is said to be in another language only where that is sure, because the words
//! of a document in another language are left untagged: a text too short to
//! tell has no language, and is tagged.

use whatlang::{Lang, Script};

/// So many bytes of a document are looked at …
const SAMPLE: usize = 4096;
/// … in stretches of this many, from all over it.
const STRETCH: usize = 512;
/// Fewer letters tell no language that shares its letters with others …
const LETTERS: usize = 40;
/// … and so few tell none at all.
const FEW_LETTERS: usize = 4;
/// A text with such a share of English small words, and so many of them, is
/// English …
const ENGLISH: f64 = 0.15;
const ENGLISH_WORDS: usize = 3;
/// … and so many words are enough to see it by.
const ENOUGH: usize = 24;
/// … and one with more than this share is in no other language for sure.
const SOME_ENGLISH: f64 = 0.08;

/// So many letters without one small word of English are another language, and the
/// likeliest is named although its neighbours (Spanish, Portuguese) are near.
const LONG: usize = 160;

/// Small words of English that no other language has as small words.
const SMALL_WORDS: &[&str] = &[
    "about", "after", "and", "are", "because", "been", "but", "could", "does", "for", "from",
    "get", "good", "great", "had", "has", "have", "how", "if", "it", "it's", "just", "my", "not",
    "of", "our", "out", "she", "that", "the", "their", "them", "then", "there", "they", "this",
    "very", "was", "we", "were", "what", "when", "which", "who", "will", "with", "would", "you",
    "your",
];

/// The ISO 639 code of the language of `text`, where it can be told.
pub(crate) fn language(text: &str) -> Option<&'static str> {
    let sample = sample(text);
    let english = english(&sample);
    if english.found >= ENGLISH_WORDS && english.share() >= ENGLISH {
        return Some("en");
    }
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    // Looking for a language takes longer than telling that there is too little.
    if letters < FEW_LETTERS || (letters < LETTERS && sample.is_ascii()) {
        return None;
    }
    let info = whatlang::detect(&sample)?;
    let sure = if is_shared(info.script()) {
        let foreign = letters >= LONG && english.found == 0;
        foreign || (letters >= LETTERS && info.is_reliable())
    } else {
        info.is_reliable()
    };
    let other = info.lang() != Lang::Eng;
    if !sure || (other && english.share() > SOME_ENGLISH) {
        return None;
    }
    Some(code(info.lang()))
}

/// `text`, or stretches of it, evenly spaced, if it is long.
fn sample(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= SAMPLE {
        return text.into();
    }
    let count = SAMPLE / STRETCH;
    let mut sample = String::with_capacity(SAMPLE + count);
    for number in 0..count {
        let start = text.floor_char_boundary(number * (text.len() - STRETCH) / (count - 1));
        let end = text.floor_char_boundary(start + STRETCH);
        sample.push_str(text.get(start..end).unwrap_or_default());
        sample.push('\n');
    }
    sample.into()
}

/// The most letters of a small word.
const SMALL: usize = 7;

/// The small words as numbers, in order: a number is found sooner than a word.
static NUMBERS: [u64; SMALL_WORDS.len()] = {
    let mut numbers = [0; SMALL_WORDS.len()];
    let mut at = 0;
    while at < numbers.len() {
        let number = number(SMALL_WORDS[at].as_bytes());
        let mut place = at;
        while place > 0 && numbers[place - 1] > number {
            numbers[place] = numbers[place - 1];
            place -= 1;
        }
        numbers[place] = number;
        at += 1;
    }
    numbers
};

/// A word of at most [`SMALL`] ASCII letters, digits and apostrophes, in lower case,
/// as a number.
const fn number(word: &[u8]) -> u64 {
    let mut number = 0;
    let mut at = 0;
    while at < word.len() {
        // Capitals differ from small letters by this bit; the others have it.
        number = number << 8 | (word[at] | 0x20) as u64;
        at += 1;
    }
    number
}

fn is_small_word(word: &str) -> bool {
    word.len() <= SMALL
        && word.is_ascii()
        && NUMBERS.binary_search(&number(word.as_bytes())).is_ok()
}

struct English {
    found: usize,
    words: usize,
}

impl English {
    fn share(&self) -> f64 {
        self.found as f64 / self.words.max(1) as f64
    }
}

fn english(text: &str) -> English {
    let mut english = English { found: 0, words: 0 };
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’') {
        if word.is_empty() {
            continue;
        }
        english.words += 1;
        english.found += usize::from(is_small_word(word));
        // The rest of a text as short as a review is like its beginning.
        if text.len() < SAMPLE && english.words == ENOUGH && english.share() >= 2.0 * ENGLISH {
            break;
        }
    }
    english
}

/// True for a script that several languages are written in.
fn is_shared(script: Script) -> bool {
    script.langs().len() > 1
}

/// The two letters of ISO 639-1; all languages that `whatlang` knows have them.
fn code(language: Lang) -> &'static str {
    CODES
        .iter()
        .find(|(known, _)| *known == language.code())
        .map_or_else(|| language.code(), |(_, code)| code)
}

/// ISO 639-3 and 639-1.
const CODES: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("amh", "am"),
    ("ara", "ar"),
    ("aze", "az"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("dan", "da"),
    ("deu", "de"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("guj", "gu"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ind", "id"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("khm", "km"),
    ("kor", "ko"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("mkd", "mk"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nob", "nb"),
    ("ori", "or"),
    ("pan", "pa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("spa", "es"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tel", "te"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("yid", "yi"),
    ("zul", "zu"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_have_a_language() {
        for (text, code) in [
            (
                "I could not find the price and gave up after an hour of looking for it.",
                "en",
            ),
            (
                "Die Lieferung kam drei Wochen zu spät und niemand hat auf meine Mails geantwortet.",
                "de",
            ),
            (
                "La livraison a pris trois semaines et personne n'a répondu à mes messages.",
                "fr",
            ),
            (
                "El pedido llegó muy tarde y nadie respondió a mis mensajes durante dos semanas, así que llamé por teléfono y tampoco me contestaron. Cuando por fin hablé con alguien, me dijeron que el paquete estaba perdido y que tenía que esperar otra semana.",
                "es",
            ),
            (
                "Het pakket kwam drie weken te laat en niemand heeft op mijn berichten geantwoord.",
                "nl",
            ),
            (
                "Посылка пришла с опозданием на три недели, и никто не ответил на мои письма. Когда я наконец дозвонился, мне сказали, что посылку потеряли и надо ждать ещё неделю, а деньги вернут только через месяц.",
                "ru",
            ),
            ("とても良い商品でした。また買いたいと思います。", "ja"),
            ("배송이 너무 늦었어요. 다시는 안 살 거예요.", "ko"),
        ] {
            assert_eq!(language(text), Some(code), "{text}");
        }
    }

    #[test]
    fn short_texts_have_none() {
        for text in [
            "Good.",
            "OK",
            "Super!",
            "Très bien",
            "5/5 👍",
            "",
            "iPhone 12 Pro Max",
            "lol wtf",
        ] {
            assert_eq!(language(text), None, "{text}");
        }
    }

    #[test]
    fn english_with_names_and_slang_is_in_no_other_language() {
        for text in [
            "gr8 app luv it sooo much <3 <3 best eva",
            "Marriott Courtyard Paris Gare de Lyon, Novotel Den Haag: both fine",
            "awesum nice super duper cool amazing fantastic wonderful superb",
        ] {
            assert!(matches!(language(text), None | Some("en")), "{text}");
        }
    }

    #[test]
    fn most_of_a_document_counts() {
        let german =
            "Das Paket kam viel zu spät an und niemand hat sich entschuldigt. ".repeat(300);
        let text = format!("Interview with the customer, recorded on the phone.\n{german}");
        assert_eq!(language(&text), Some("de"));
    }

    #[test]
    fn the_lists_are_sorted_and_whole() {
        assert!(SMALL_WORDS.is_sorted() && CODES.is_sorted() && NUMBERS.is_sorted());
        for word in SMALL_WORDS {
            assert!(
                is_small_word(word) && is_small_word(&word.to_uppercase()),
                "{word}"
            );
        }
        for word in ["", "th", "thee", "anyone", "because5"] {
            assert!(!is_small_word(word), "{word}");
        }
        for language in Lang::all() {
            assert_eq!(code(*language).len(), 2, "{language:?}");
        }
    }
}

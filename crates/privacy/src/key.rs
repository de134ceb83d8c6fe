//! Who stands behind which pseudonym: the one file that leads back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Kind;
use crate::lists::is_ordinary;
use crate::roster::{Roster, key_of};
use crate::secret::{Erased, Secret, hex};

/// Raised when the same text would get other pseudonyms.
pub(crate) const RULES: u32 = 1;

/// What stands behind the pseudonyms of one study.
///
/// The numbers are given in the order in which things are first met, and a
/// number is never given twice. A person who withdraws leaves a hash under the
/// key's own secret, so that they get no new pseudonym and no file of theirs
/// comes back, while their name is no longer written anywhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    format: u32,
    /// 32 random bytes, in hexadecimal.
    secret: String,
    /// Names that are looked for in every text.
    known: BTreeSet<String>,
    /// What stands behind each pseudonym, as it is written.
    entries: Vec<Entry>,
    /// The last number given of each kind.
    last: BTreeMap<Kind, u32>,
    /// Hashes of what was withdrawn.
    withdrawn: Vec<Withdrawn>,
    /// Real name of a file → its name in the study and where it lies.
    files: BTreeMap<String, FileEntry>,
    /// Hash of a withdrawn file's real name → its name in the study.
    withdrawn_files: BTreeMap<String, String>,
    #[serde(skip)]
    index: Index,
    #[serde(skip)]
    changed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kind: Kind,
    number: u32,
    value: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawn {
    kind: Kind,
    number: u32,
    hash: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    name: String,
    path: String,
}

/// Entries by what they are looked up by.
#[derive(Debug, Clone, Default)]
struct Index {
    values: BTreeMap<(Kind, String), u32>,
    /// Words of names → the first person who has them.
    parts: BTreeMap<String, u32>,
    /// People with a name of more than one word.
    full: BTreeSet<u32>,
}

impl Index {
    fn add(&mut self, entry: &Entry) {
        let value = normal(entry.kind, &entry.value);
        if entry.kind == Kind::Person {
            let words: Vec<&str> = value.split(' ').collect();
            for word in &words {
                self.parts.entry((*word).to_owned()).or_insert(entry.number);
            }
            if words.len() > 1 {
                self.full.insert(entry.number);
            }
        }
        self.values
            .entry((entry.kind, value))
            .or_insert(entry.number);
    }
}

/// What values of a kind are compared by.
fn normal(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Person => key_of(value),
        Kind::Phone | Kind::Card => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            if digits.is_empty() {
                value.to_lowercase()
            } else {
                digits
            }
        }
        Kind::Account => value
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect(),
        _ => value.to_lowercase(),
    }
}

impl Key {
    /// A new key over 32 random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self {
            format: RULES,
            secret: hex(&random),
            known: BTreeSet::new(),
            entries: Vec::new(),
            last: BTreeMap::new(),
            withdrawn: Vec::new(),
            files: BTreeMap::new(),
            withdrawn_files: BTreeMap::new(),
            index: Index::default(),
            changed: true,
        }
    }

    /// Reads a key from the text of its file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut key: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if key.format != RULES {
            return Err(format!(
                "its format is {}, and this program knows {RULES}",
                key.format
            ));
        }
        if key.bytes().is_none() {
            return Err("its secret is not 32 bytes in hexadecimal".to_owned());
        }
        for entry in &key.entries {
            key.index.add(entry);
        }
        Ok(key)
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Strings and numbers always have a form in JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Names the key without giving anything away: a hash of its secret.
    #[must_use]
    pub fn id(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(b"throughline key\0");
        hasher.update(self.secret.as_bytes());
        hex(&hasher.finalize()[..16])
    }

    /// Changes whenever a text could get other pseudonyms than before.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(RULES.to_le_bytes());
        hasher.update(self.secret.as_bytes());
        for name in &self.known {
            hasher.update(name.as_bytes());
            hasher.update(b"\0");
        }
        hasher.finalize().into()
    }

    /// True if it holds what has not been written to its file; from now on it
    /// does not.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Everybody who is looked for in every text.
    #[must_use]
    pub fn roster(&self) -> Roster {
        let mut roster = Roster::default();
        for name in &self.known {
            roster.add_name(name);
        }
        let numbers = self.withdrawn.iter().filter(|one| one.kind == Kind::Person);
        roster.erased = Erased {
            secret: self.bytes().map(Secret),
            numbers: numbers.map(|one| (one.hash.clone(), one.number)).collect(),
        };
        roster
    }

    /// Looks for a person in every text from now on, unless they withdrew, and
    /// are looked for anyway.
    pub(crate) fn learn(&mut self, name: &str) {
        let key = key_of(name);
        if key.is_empty() || self.is_withdrawn(Kind::Person, &key) {
            return;
        }
        let name = crate::roster::key_as_written(name);
        if !self.known.contains(&name) {
            self.known.insert(name);
            self.changed = true;
        }
    }

    /// What stands for `value` in every text of the study.
    pub(crate) fn pseudonym(&mut self, kind: Kind, value: &str) -> String {
        kind.pseudonym(self.number(kind, value))
    }

    fn number(&mut self, kind: Kind, value: &str) -> u32 {
        let normal = normal(kind, value);
        if let Some(number) = self.index.values.get(&(kind, normal.clone())) {
            return *number;
        }
        if let Some(number) = self.withdrawn_number(kind, &normal) {
            return number;
        }
        let number = self.person_of(kind, &normal).unwrap_or_else(|| {
            let last = self.last.entry(kind).or_insert(0);
            *last += 1;
            *last
        });
        let value = match kind {
            Kind::Person => crate::roster::key_as_written(value),
            _ => value.to_owned(),
        };
        let entry = Entry {
            kind,
            number,
            value,
        };
        self.index.add(&entry);
        self.entries.push(entry);
        self.changed = true;
        number
    }

    /// The person who is already known by a part of this name.
    fn person_of(&self, kind: Kind, name: &str) -> Option<u32> {
        if kind != Kind::Person {
            return None;
        }
        let mut words = name.split(' ');
        let first = words.next()?;
        if words.next().is_none() {
            return self.index.parts.get(first).copied();
        }
        // "Dana" was met first; "Dana Kovacs" is taken for the same person, and
        // a second Dana with another surname is not.
        let single = |word: &str| self.index.values.get(&(Kind::Person, word.to_owned()));
        name.split(' ')
            .filter(|word| !is_ordinary(word))
            .find_map(single)
            .copied()
            .filter(|number| !self.index.full.contains(number))
    }

    fn is_withdrawn(&self, kind: Kind, normal: &str) -> bool {
        self.withdrawn_number(kind, normal).is_some()
    }

    fn withdrawn_number(&self, kind: Kind, normal: &str) -> Option<u32> {
        if self.withdrawn.is_empty() {
            return None;
        }
        let hash = Secret(self.bytes()?).hash(normal);
        let mut withdrawn = self.withdrawn.iter();
        withdrawn
            .find(|one| one.kind == kind && one.hash == hash)
            .map(|one| one.number)
    }

    /// Where a file of the study lies, by its name in the study.
    #[must_use]
    pub fn path_of(&self, name: &str) -> Option<&str> {
        let mut files = self.files.values();
        files
            .find(|file| file.name == name)
            .map(|file| file.path.as_str())
    }

    /// Real names of the study's files with where they lie.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(real, file)| (real.as_str(), file.path.as_str()))
    }

    /// The name under which a file was put into the study before.
    pub(crate) fn known_file(&self, real: &str) -> Option<String> {
        let withdrawn = || {
            self.withdrawn_files
                .get(&Secret(self.bytes()?).hash(real))
                .cloned()
        };
        self.files
            .get(real)
            .map(|file| file.name.clone())
            .or_else(withdrawn)
    }

    /// True if a file of the study has this name there.
    pub(crate) fn is_file_name(&self, name: &str) -> bool {
        self.files.values().any(|file| file.name == name)
            || self.withdrawn_files.values().any(|file| file == name)
    }

    /// Notes a file; not that of a withdrawn one, which is known by its hash.
    pub(crate) fn put_file(&mut self, real: &str, name: &str, path: &str) {
        if self.withdrawn_files.values().any(|file| file == name) {
            return;
        }
        let same = self
            .files
            .get(real)
            .is_some_and(|file| file.name == name && file.path == path);
        if !same {
            let entry = FileEntry {
                name: name.to_owned(),
                path: path.to_owned(),
            };
            self.files.insert(real.to_owned(), entry);
            self.changed = true;
        }
    }

    /// Takes out what is behind the pseudonyms that `gone` holds: hashes are
    /// left. Files called so in the study are forgotten as well, and those
    /// whose real names hold a name that is gone.
    pub fn withdraw(&mut self, gone: &dyn Fn(Kind, u32) -> bool, files: &BTreeSet<String>) {
        let Some(secret) = self.bytes().map(Secret) else {
            return;
        };
        let (out, left): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| gone(entry.kind, entry.number));
        self.entries = left;
        let mut words = BTreeSet::new();
        for entry in &out {
            let normal = normal(entry.kind, &entry.value);
            let mut hashes = vec![secret.hash(&normal)];
            if entry.kind == Kind::Person {
                let parts = normal
                    .split(' ')
                    .filter(|word| word.chars().count() >= 3 && !is_ordinary(word));
                for part in parts {
                    hashes.push(secret.hash(part));
                    words.insert(part.to_owned());
                }
            }
            for hash in hashes {
                if !self
                    .withdrawn
                    .iter()
                    .any(|one| one.hash == hash && one.kind == entry.kind)
                {
                    self.withdrawn.push(Withdrawn {
                        kind: entry.kind,
                        number: entry.number,
                        hash,
                    });
                }
            }
        }
        self.index = Index::default();
        for entry in &self.entries {
            self.index.add(entry);
        }
        let index = &self.index;
        self.known.retain(|name| {
            let key = key_of(name);
            index.values.contains_key(&(Kind::Person, key.clone()))
                || !key.split(' ').any(|word| words.contains(word))
        });
        let named = |real: &str| {
            let real = real.to_lowercase();
            words.iter().any(|word| real.contains(word.as_str()))
        };
        let forgotten: Vec<String> = self
            .files
            .iter()
            .filter(|(real, file)| files.contains(&file.name) || named(real) || named(&file.path))
            .map(|(real, _)| real.clone())
            .collect();
        for real in forgotten {
            if let Some(file) = self.files.remove(&real) {
                self.withdrawn_files.insert(secret.hash(&real), file.name);
            }
        }
        self.changed = true;
    }

    fn bytes(&self) -> Option<[u8; 32]> {
        let mut bytes = [0; 32];
        if self.secret.len() != 64 || !self.secret.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&self.secret[at * 2..at * 2 + 2], 16).ok()?;
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_one_number_and_a_namesake_another() {
        let mut key = Key::new([7; 32]);
        let mut person = |name: &str| key.pseudonym(Kind::Person, name);
        assert_eq!(person("Dana"), "Person 1");
        assert_eq!(person("Dana Kovacs"), "Person 1");
        assert_eq!(person("Mrs KOVACS"), "Person 1");
        assert_eq!(person("Dana Smith"), "Person 2");
        assert_eq!(person("smith’s"), "Person 2");
        assert_eq!(key.pseudonym(Kind::Phone, "07700 900-123"), "[phone 1]");
        assert_eq!(key.pseudonym(Kind::Phone, "07700900123"), "[phone 1]");
        let again = Key::parse(&key.to_text()).unwrap();
        assert_eq!(again.to_text(), key.to_text());
        assert_eq!(again.id(), key.id());
    }

    #[test]
    fn who_withdrew_is_known_again_and_written_nowhere() {
        let mut key = Key::new([7; 32]);
        key.learn("Zofka Brzhn");
        key.pseudonym(Kind::Person, "Zofka Brzhn");
        key.pseudonym(Kind::Person, "Carl Otto");
        key.put_file("zofka.txt", "Person 1.txt", "/in/zofka.txt");
        key.withdraw(&|_, number| number == 1, &BTreeSet::new());
        let text = key.to_text().to_lowercase();
        assert!(!text.contains("zofka") && !text.contains("brzhn"), "{text}");
        assert_eq!(key.pseudonym(Kind::Person, "zofka"), "Person 1");
        assert_eq!(key.known_file("zofka.txt").unwrap(), "Person 1.txt");
        key.learn("Zofka Brzhn");
        assert!(!key.to_text().contains("Zofka"));
        assert_eq!(key.pseudonym(Kind::Person, "Carl"), "Person 2");
    }
}

//! Projects and codebooks in.

use std::borrow::Cow;
use std::io::{Read as _, Seek};

use throughline_core::{Span, restored_from_xml};
use zip::ZipArchive;

use crate::convention::{Place, Raw};
use crate::tree::{Element, parse};
use crate::{
    Case, Code, Convention, Guid, Project, RefiError, Selection, TextSource, User, Variable,
};

/// The largest file of an archive that is read, unpacked.
const LARGEST: u64 = 512 << 20;

/// The name that our own projects begin their origin with: what they escape is
/// undone.
const OURS: &str = "throughline";

/// A project that was read.
#[derive(Debug, Clone)]
pub struct Read {
    /// What it holds.
    pub project: Project,
    /// How it counts.
    pub convention: Convention,
    /// What was left out, and why, one sentence each.
    pub left_out: Vec<String>,
}

/// Reads a project's archive. Texts come out with LF line ends and without a
/// byte order mark, and the places of selections for these.
///
/// # Errors
/// [`RefiError`] if it is no such archive. Sources that are no text, and
/// selections that leave theirs, are left out and listed.
pub fn read_project(archive: impl std::io::Read + Seek) -> Result<Read, RefiError> {
    let mut archive = ZipArchive::new(archive)?;
    let names = names(&archive);
    let name = names.iter().filter(|name| name.ends_with(".qde")).min();
    let name = name.ok_or(RefiError::NoProject)?;
    let xml = Raw::of(unpack(&mut archive, name)?).ok_or_else(|| RefiError::Xml {
        position: 0,
        problem: "it is not UTF-8".to_owned(),
    })?;
    let root = root(&xml.text, "Project")?;
    let reader = Reader::of(&root);
    let mut left_out = Vec::new();
    let mut sources = Vec::new();
    let mut texts = Vec::new();
    for element in root.list("Sources") {
        let name = reader.said(element, "name").unwrap_or_default();
        match text_of(element, &mut archive) {
            Ok(raw) => {
                let selections = element.all("PlainTextSelection");
                let places = selections.map(|one| reader.place(one)).collect();
                texts.push((raw, places));
                sources.push((element, name));
            }
            Err(why) => left_out.push(format!("source '{name}': {why}")),
        }
    }
    let convention = Convention::fitting(&texts);
    let mut project = reader.project(&root)?;
    for ((element, name), (raw, places)) in sources.into_iter().zip(&texts) {
        let spans = convention.spans(raw, places);
        let mut selections = Vec::new();
        let mut lost = 0;
        for (one, span) in element.all("PlainTextSelection").zip(spans) {
            match span.filter(|span| !span.is_empty()) {
                Some(span) => selections.push(reader.selection(one, span)?),
                None => lost += 1,
            }
        }
        if lost > 0 {
            left_out.push(format!(
                "source '{name}': {lost} selections that are no part of its text"
            ));
        }
        project.sources.push(TextSource {
            guid: guid(element)?,
            name,
            text: raw.normal(),
            created: element.get("creationDateTime").map(str::to_owned),
            selections,
        });
    }
    Ok(Read {
        project,
        convention,
        left_out,
    })
}

/// Reads the codes of a codebook.
///
/// # Errors
/// [`RefiError`] if it is no such file.
pub fn read_codebook(bytes: Vec<u8>) -> Result<Vec<Code>, RefiError> {
    let xml = Raw::of(bytes).ok_or_else(|| RefiError::Xml {
        position: 0,
        problem: "it is not UTF-8".to_owned(),
    })?;
    let root = root(&xml.text, "CodeBook")?;
    Reader::of(&root).codes(root.list("Codes"))
}

fn root(xml: &str, expected: &'static str) -> Result<Element, RefiError> {
    let root = parse(xml)?;
    match root.name == expected {
        true => Ok(root),
        false => Err(RefiError::OtherRoot {
            expected,
            found: root.name,
        }),
    }
}

/// The names of the files of an archive.
fn names<R: std::io::Read + Seek>(archive: &ZipArchive<R>) -> Vec<String> {
    let names = archive.file_names().flatten();
    names.map(Cow::into_owned).collect()
}

fn unpack<R: std::io::Read + Seek>(
    archive: &mut ZipArchive<R>,
    name: &str,
) -> Result<Vec<u8>, RefiError> {
    let file = archive.by_name(name)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(RefiError::TooLarge {
            name: name.to_owned(),
            limit: LARGEST,
        }),
        false => Ok(bytes),
    }
}

/// The text of a source, or why there is none.
fn text_of<R: std::io::Read + Seek>(
    source: &Element,
    archive: &mut ZipArchive<R>,
) -> Result<Raw, String> {
    if source.name != "TextSource" {
        return Err(format!("a {} holds no text that is read here", source.name));
    }
    if let Some(content) = source.first("PlainTextContent") {
        let text = content.text.clone();
        return Ok(Raw {
            text,
            marked: false,
        });
    }
    let path = source.get("plainTextPath").ok_or("it has no plain text")?;
    let file = path.strip_prefix("internal://");
    let file = file.ok_or_else(|| format!("its text lies outside the archive ({path})"))?;
    // Tools write the folder in either case.
    let is_it = |name: &String| {
        let within = name
            .split_once('/')
            .filter(|(folder, _)| folder.eq_ignore_ascii_case("sources"));
        within.is_some_and(|(_, name)| name == file)
    };
    let name = names(archive).into_iter().find(is_it);
    let name = name.ok_or_else(|| format!("its text '{file}' is not in the archive"))?;
    let bytes = unpack(archive, &name).map_err(|error| error.to_string())?;
    Raw::of(bytes).ok_or_else(|| "its text is not UTF-8".to_owned())
}

fn guid(element: &Element) -> Result<Guid, RefiError> {
    element.get("guid").unwrap_or_default().parse()
}

fn target(element: &Element) -> Result<Guid, RefiError> {
    element.get("targetGUID").unwrap_or_default().parse()
}

/// Reads elements of one project.
struct Reader {
    /// True if the project is one of ours.
    ours: bool,
}

impl Reader {
    fn of(root: &Element) -> Self {
        let origin = root.get("origin").unwrap_or_default();
        Self {
            ours: origin.to_lowercase().starts_with(OURS),
        }
    }

    fn plain(&self, text: &str) -> String {
        match self.ours {
            true => restored_from_xml(text).into_owned(),
            false => text.to_owned(),
        }
    }

    fn said(&self, element: &Element, attribute: &str) -> Option<String> {
        element.get(attribute).map(|value| self.plain(value))
    }

    fn description(&self, element: &Element) -> Option<String> {
        let text = self.plain(&element.first("Description")?.text);
        Some(text).filter(|text| !text.is_empty())
    }

    /// A project without its sources.
    fn project(&self, root: &Element) -> Result<Project, RefiError> {
        let codes = root
            .first("CodeBook")
            .map_or(&[][..], |book| book.list("Codes"));
        let users = root.list("Users").iter().map(|user| {
            Ok(User {
                guid: guid(user)?,
                name: self.said(user, "name").unwrap_or_default(),
            })
        });
        let variables = root.list("Variables").iter().map(|variable| {
            Ok(Variable {
                guid: guid(variable)?,
                name: self.said(variable, "name").unwrap_or_default(),
            })
        });
        let cases = root.list("Cases").iter().map(|case| self.case(case));
        Ok(Project {
            name: self.said(root, "name").unwrap_or_default(),
            origin: self.said(root, "origin").unwrap_or_default(),
            created: self.said(root, "creationDateTime").unwrap_or_default(),
            description: self.description(root),
            users: users.collect::<Result<_, RefiError>>()?,
            codes: self.codes(codes)?,
            variables: variables.collect::<Result<_, RefiError>>()?,
            cases: cases.collect::<Result<_, RefiError>>()?,
            sources: Vec::new(),
        })
    }

    fn codes(&self, elements: &[Element]) -> Result<Vec<Code>, RefiError> {
        elements
            .iter()
            .filter(|element| element.name == "Code")
            .map(|code| self.code(code))
            .collect()
    }

    fn code(&self, code: &Element) -> Result<Code, RefiError> {
        Ok(Code {
            guid: guid(code)?,
            name: self.said(code, "name").unwrap_or_default(),
            codable: !matches!(code.get("isCodable"), Some("false" | "0")),
            colour: code.get("color").map(str::to_owned),
            description: self.description(code),
            children: self.codes(&code.children)?,
        })
    }

    fn case(&self, case: &Element) -> Result<Case, RefiError> {
        let values = case.all("VariableValue").filter_map(|value| {
            let variable = value.first("VariableRef")?;
            // The other one is the value, of whatever type.
            let said = value
                .children
                .iter()
                .find(|child| child.name.ends_with("Value"))?;
            Some(target(variable).map(|variable| (variable, self.plain(&said.text))))
        });
        Ok(Case {
            guid: guid(case)?,
            name: self.said(case, "name").unwrap_or_default(),
            values: values.collect::<Result<_, RefiError>>()?,
            sources: case
                .all("SourceRef")
                .map(target)
                .collect::<Result<_, _>>()?,
        })
    }

    fn place(&self, selection: &Element) -> Place {
        let number = |name| {
            selection
                .get(name)
                .and_then(|value| value.trim().parse().ok())
        };
        Place {
            start: number("startPosition").unwrap_or(u64::MAX),
            end: number("endPosition").unwrap_or(u64::MAX),
            words: self.said(selection, "name"),
        }
    }

    fn selection(&self, selection: &Element, span: Span) -> Result<Selection, RefiError> {
        let codings = selection.all("Coding");
        let codes = codings
            .filter_map(|coding| coding.first("CodeRef"))
            .map(target);
        let user = selection.get("creatingUser").map(str::parse);
        Ok(Selection {
            guid: guid(selection)?,
            span,
            words: self.said(selection, "name"),
            description: self.description(selection),
            user: user.transpose()?,
            created: selection.get("creationDateTime").map(str::to_owned),
            codes: codes.collect::<Result<_, _>>()?,
        })
    }
}

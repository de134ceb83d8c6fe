//! Projects and codebooks out.
//!
//! The order of elements is that of the published schemas. Texts lie in
//! `sources/`, in lower case, as plain UTF-8 without a byte order mark; nothing
//! is written that a known reader stumbles over (see the notes in the code).

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use throughline_core::escaped_for_xml;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::{Case, Code, Guid, Project, RefiError, Selection, TextSource, Variable};

/// Writes `project` as an archive. The same project gives the same bytes.
///
/// # Errors
/// If `out` cannot be written, or a selection leaves its text.
pub fn write_project<W: Write + Seek>(project: &Project, out: W) -> Result<(), RefiError> {
    let mut archive = ZipWriter::new(out);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    archive.start_file("project.qde", options)?;
    let mut xml = Xml::new(&mut archive)?;
    xml.project(project)?;
    for source in &project.sources {
        archive.start_file(format!("sources/{}.txt", text_file(source)), options)?;
        archive.write_all(source.text.as_bytes())?;
    }
    archive.finish()?.flush()?;
    Ok(())
}

/// Codes as a codebook.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_codebook(codes: &[Code], origin: &str, out: impl Write) -> Result<(), RefiError> {
    let mut xml = Xml::new(out)?;
    let space = ("xmlns", "urn:QDA-XML:codebook:1.0");
    xml.within("CodeBook", &[space, ("origin", origin)], |xml| {
        xml.codes(codes)
    })
}

/// The id that names the file of a text.
fn text_file(source: &TextSource) -> Guid {
    Guid::of("file", &source.guid.to_string())
}

/// Where a selection stands, in code points.
type CodePoints = BTreeMap<usize, usize>;

/// The number of code points before each byte where a selection starts or ends.
fn code_points(source: &TextSource) -> Result<CodePoints, RefiError> {
    let mut places = BTreeMap::new();
    for selection in &source.selections {
        let span = selection.span;
        if span.slice(&source.text).is_none() {
            return Err(RefiError::BadSelection {
                source_name: source.name.clone(),
                start: span.start,
                end: span.end,
            });
        }
        places.extend([(span.start, 0), (span.end, 0)]);
    }
    let (mut at, mut count) = (0, 0);
    for (place, before) in &mut places {
        count += source
            .text
            .get(at..*place)
            .unwrap_or_default()
            .chars()
            .count();
        (at, *before) = (*place, count);
    }
    Ok(places)
}

/// XML being written.
struct Xml<W: Write> {
    out: Writer<W>,
}

type Attributes<'a> = &'a [(&'a str, &'a str)];

impl<W: Write> Xml<W> {
    fn new(out: W) -> Result<Self, RefiError> {
        let mut out = Writer::new_with_indent(out, b' ', 1);
        out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        Ok(Self { out })
    }

    fn start<'n>(name: &'n str, attributes: Attributes<'_>) -> BytesStart<'n> {
        let mut start = BytesStart::new(name);
        for (key, value) in attributes {
            // Line breaks and tabs are escaped as well: a parser makes blanks of them.
            start.push_attribute((*key, escaped_for_xml(value)));
        }
        start
    }

    fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> Result<(), RefiError> {
        Ok(self
            .out
            .write_event(Event::Empty(Self::start(name, attributes)))?)
    }

    fn within(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        inner: impl FnOnce(&mut Self) -> Result<(), RefiError>,
    ) -> Result<(), RefiError> {
        self.out
            .write_event(Event::Start(Self::start(name, attributes)))?;
        inner(self)?;
        Ok(self.out.write_event(Event::End(BytesEnd::new(name)))?)
    }

    /// An element around a list; nothing where the list is empty.
    fn list<T>(
        &mut self,
        name: &str,
        items: &[T],
        mut each: impl FnMut(&mut Self, &T) -> Result<(), RefiError>,
    ) -> Result<(), RefiError> {
        if items.is_empty() {
            return Ok(());
        }
        self.within(name, &[], |xml| {
            items.iter().try_for_each(|item| each(xml, item))
        })
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), RefiError> {
        let text = BytesText::from_escaped(partial_escape(escaped_for_xml(text)));
        self.within(name, &[], |xml| {
            Ok(xml.out.write_event(Event::Text(text))?)
        })
    }

    fn description(&mut self, text: Option<&str>) -> Result<(), RefiError> {
        text.map_or(Ok(()), |text| self.text("Description", text))
    }

    fn project(&mut self, project: &Project) -> Result<(), RefiError> {
        let user = project.users.first().map(|user| user.guid.to_string());
        let mut attributes = vec![
            ("xmlns", "urn:QDA-XML:project:1.0"),
            ("name", project.name.as_str()),
            // QualCoder cannot do without it.
            ("origin", project.origin.as_str()),
        ];
        attributes.extend(user.as_deref().map(|user| ("creatingUserGUID", user)));
        attributes.push(("creationDateTime", &project.created));
        self.within("Project", &attributes, |xml| {
            xml.list("Users", &project.users, |xml, user| {
                let guid = user.guid.to_string();
                xml.empty("User", &[("guid", &guid), ("name", &user.name)])
            })?;
            if !project.codes.is_empty() {
                xml.within("CodeBook", &[], |xml| xml.codes(&project.codes))?;
            }
            xml.list("Variables", &project.variables, Self::variable)?;
            xml.list("Cases", &project.cases, Self::case)?;
            xml.list("Sources", &project.sources, |xml, source| {
                xml.source(source, project)
            })?;
            xml.description(project.description.as_deref())
        })
    }

    fn codes(&mut self, codes: &[Code]) -> Result<(), RefiError> {
        self.within("Codes", &[], |xml| {
            codes.iter().try_for_each(|code| xml.code(code))
        })
    }

    fn code(&mut self, code: &Code) -> Result<(), RefiError> {
        let guid = code.guid.to_string();
        let mut attributes = vec![
            ("guid", guid.as_str()),
            ("name", &code.name),
            ("isCodable", if code.codable { "true" } else { "false" }),
        ];
        attributes.extend(code.colour.as_deref().map(|colour| ("color", colour)));
        self.within("Code", &attributes, |xml| {
            xml.description(code.description.as_deref())?;
            code.children.iter().try_for_each(|child| xml.code(child))
        })
    }

    fn variable(&mut self, variable: &Variable) -> Result<(), RefiError> {
        let guid = variable.guid.to_string();
        let name = ("name", variable.name.as_str());
        self.empty(
            "Variable",
            &[("guid", &guid), name, ("typeOfVariable", "Text")],
        )
    }

    fn case(&mut self, case: &Case) -> Result<(), RefiError> {
        let guid = case.guid.to_string();
        self.within("Case", &[("guid", &guid), ("name", &case.name)], |xml| {
            let code = ("targetGUID", guid.as_str());
            xml.empty("CodeRef", &[code])?;
            for (variable, value) in &case.values {
                let variable = variable.to_string();
                xml.within("VariableValue", &[], |xml| {
                    xml.empty("VariableRef", &[("targetGUID", &variable)])?;
                    xml.text("TextValue", value)
                })?;
            }
            for source in &case.sources {
                xml.empty("SourceRef", &[("targetGUID", &source.to_string())])?;
            }
            Ok(())
        })
    }

    fn source(&mut self, source: &TextSource, project: &Project) -> Result<(), RefiError> {
        let places = code_points(source)?;
        let guid = source.guid.to_string();
        let path = format!("internal://{}.txt", text_file(source));
        let created = source.created.as_ref().unwrap_or(&project.created);
        let user = project.users.first().map(|user| user.guid.to_string());
        // Without a rich text: ATLAS.ti takes ranges of one for too long.
        let mut attributes = vec![("guid", guid.as_str()), ("name", &source.name)];
        attributes.push(("plainTextPath", &path));
        attributes.extend(user.as_deref().map(|user| ("creatingUser", user)));
        attributes.push(("creationDateTime", created));
        self.within("TextSource", &attributes, |xml| {
            let mut selections = source.selections.iter();
            selections.try_for_each(|one| xml.selection(one, source, &places, project))
        })
    }

    fn selection(
        &mut self,
        selection: &Selection,
        source: &TextSource,
        places: &CodePoints,
        project: &Project,
    ) -> Result<(), RefiError> {
        let place = |byte: usize| places.get(&byte).copied().unwrap_or_default().to_string();
        let (start, end) = (place(selection.span.start), place(selection.span.end));
        let guid = selection.guid.to_string();
        let user = selection
            .user
            .or(project.users.first().map(|user| user.guid));
        let user = user.map(|user| user.to_string());
        let created = selection.created.as_ref().unwrap_or(&project.created);
        // The words, by which a reader can tell whether it counts as we do.
        let words = selection.span.slice(&source.text).unwrap_or_default();
        let mut attributes = vec![("guid", guid.as_str()), ("name", words)];
        attributes.extend([("startPosition", start.as_str()), ("endPosition", &end)]);
        let made = user.as_deref().map(|user| ("creatingUser", user));
        let made: Vec<_> = made
            .into_iter()
            .chain([("creationDateTime", created.as_str())])
            .collect();
        attributes.extend(&made);
        self.within("PlainTextSelection", &attributes, |xml| {
            xml.description(selection.description.as_deref())?;
            for code in &selection.codes {
                let coding = Guid::of("coding", &format!("{guid} {code}")).to_string();
                let mut attributes = vec![("guid", coding.as_str())];
                attributes.extend(&made);
                xml.within("Coding", &attributes, |xml| {
                    xml.empty("CodeRef", &[("targetGUID", &code.to_string())])
                })?;
            }
            Ok(())
        })
    }
}

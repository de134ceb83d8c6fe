//! Markdown (CommonMark with GitHub's tables), for writing on.
//!
//! Loses: the picture of the journey map (its numbers stand in the first
//! table), the context around quotes, why they have their tags, and the hashes
//! of the quoted documents.
//! Quotes are escaped and nothing else: [`unescape`] gives the exact words back.

mod escape;

pub use escape::{escape, unescape};

use crate::data::{Report, TextItem};
use crate::view::{
    FindingView, GroupView, HEADING_WORDS, LinkView, Page, QuestionView, QuoteView, Row, StageView,
};

/// The report as Markdown.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let page = Page::of(report);
    let mut out = Writer::default();
    out.heading(1, &escape(&page.title));
    out.paragraph(&escape(&page.lead));
    let about = [page.framework.name.as_str(), page.framework.value.as_str()].map(escape);
    out.paragraph(&format!("**{}**: {}", about[0], about[1]));
    out.map(&page);
    page.stages.iter().for_each(|stage| out.stage(stage));
    out.collections(&page);
    out.rest(&page);
    out.text
}

/// Markdown so far; every block leaves one empty line behind it.
#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    /// `markdown` is written as it is.
    fn paragraph(&mut self, markdown: &str) {
        self.text.push_str(markdown);
        self.text.push_str("\n\n");
    }

    fn heading(&mut self, level: usize, markdown: &str) {
        let one_line = markdown.replace("\\\n", " ");
        self.paragraph(&format!("{} {one_line}", "#".repeat(level)));
    }

    fn rows(&mut self, rows: &[Row]) {
        for row in rows {
            let [name, value] = [row.name.as_str(), row.value.as_str()].map(escape);
            self.text.push_str(&format!("- {name}: {value}\n"));
        }
        if !rows.is_empty() {
            self.text.push('\n');
        }
    }

    /// A table of plain texts.
    fn table(&mut self, head: &[&str], lines: impl Iterator<Item = Vec<String>>) {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let heads = head.iter().map(|cell| escape(cell)).collect();
        self.text.push_str(&line(heads));
        self.text
            .push_str(&line(head.iter().map(|_| "---".to_owned()).collect()));
        for cells in lines {
            let cells = cells
                .iter()
                .map(|cell| escape(cell).replace("\\\n", " "))
                .collect();
            self.text.push_str(&line(cells));
        }
        self.text.push('\n');
    }

    fn map(&mut self, page: &Page) {
        self.heading(2, "Journey");
        let head = [
            "Stage",
            "Passages",
            "Participants",
            "Documents",
            "Net sentiment",
            "Pain passages",
            "Top pain",
        ];
        let lines = page.stages.iter().map(|stage| {
            let top = stage.findings.first();
            let top = top.map_or("–".to_owned(), |finding| format!("“{}”", finding.label));
            vec![
                stage.name.clone(),
                stage.passages.clone(),
                stage.participants.clone(),
                stage.documents.clone(),
                stage.net.clone(),
                stage.pain.clone(),
                top,
            ]
        });
        self.table(&head, lines);
        self.paragraph(&escape(page.intervals));
        if !page.recurring.is_empty() {
            self.heading(2, "Pains that recur");
            for recurring in &page.recurring {
                let about = escape(&recurring.about);
                self.paragraph(&format!("{}: {about}", links(&recurring.findings)));
            }
        }
    }

    fn stage(&mut self, stage: &StageView) {
        self.heading(2, &escape(&stage.name));
        let told_by = &stage.told_by;
        let [definition, goal, name, by] = [
            &stage.definition,
            &stage.goal,
            &told_by.name,
            &told_by.value,
        ]
        .map(|text| escape(text));
        self.paragraph(&format!("{definition} Goal: {goal} {name}: {by}."));
        if let Some(gap) = &stage.gap {
            self.paragraph(&format!("**{}**", escape(gap)));
        }
        self.rows(&stage.rows);
        stage.findings.iter().for_each(|f| self.finding(f));
        if !stage.works.is_empty() || !stage.praise.is_empty() {
            self.heading(3, "What works");
            self.quotes(&stage.works);
            for group in &stage.praise {
                self.paragraph(&group_line(group));
                self.quotes(&group.quotes);
            }
        }
        if let Some(wishes) = &stage.wishes {
            self.heading(3, "Wishes");
            self.paragraph(&escape(&wishes.lead));
            self.quotes(&wishes.quotes);
        }
        if let Some(lead) = &stage.other_lead {
            self.heading(3, "Other");
            self.paragraph(&escape(lead));
            for group in &stage.other {
                self.paragraph(&escape(&group.lead));
                self.quotes(&group.examples);
            }
        }
    }

    fn finding(&mut self, finding: &FindingView) {
        let rank = match finding.rank.is_empty() {
            true => String::new(),
            false => format!("{}. ", finding.rank),
        };
        self.heading(3, &format!("{rank}“{}”", escape(&finding.label)));
        if !finding.code.is_empty() {
            self.paragraph(&format!("**{}**", escape(&finding.code)));
        }
        self.paragraph(&escape(&finding.chips.join(" · ")));
        let terms = finding.terms.iter().map(|term| escape(term));
        let terms = terms.collect::<Vec<_>>().join(", ");
        if !terms.is_empty() {
            self.paragraph(&format!("*Key terms:* {terms}"));
        }
        if !finding.parts.is_empty() {
            self.paragraph("**Sub-themes:**");
            for part in &finding.parts {
                self.text.push_str(&format!("- {}\n", group_line(part)));
            }
            self.text.push('\n');
        }
        if !finding.recurs.is_empty() {
            self.paragraph(&format!("**Recurs in** {}", links(&finding.recurs)));
        }
        self.rows(&finding.rows);
        self.quotes(&finding.quotes);
        if !finding.counter.is_empty() {
            self.paragraph("**What speaks against it:**");
            self.quotes(&finding.counter);
        }
        let source = escape(&finding.source);
        self.paragraph(&format!("*{HEADING_WORDS}* {source}"));
    }

    /// Each quote as a block quote of its own, its source in a second
    /// paragraph.
    fn quotes(&mut self, quotes: &[QuoteView]) {
        for quote in quotes {
            let block = format!("{}\n\n{}", escape(&quote.text), escape(&quote.below));
            let lines = block.split('\n').map(|line| format!("> {line}"));
            let quoted = lines.collect::<Vec<_>>().join("\n");
            self.paragraph(&quoted.replace("\n> \n", "\n>\n"));
        }
    }

    /// An interviewer's words stand in quotation marks, with their place below;
    /// those of a survey are no slice of a document, and have neither.
    fn question(&mut self, asked: &QuestionView) {
        let question = escape(&asked.question);
        match &asked.source {
            Some(source) => {
                self.heading(3, &format!("“{question}”"));
                self.paragraph(&format!("*{HEADING_WORDS}* {}", escape(source)));
            }
            None => self.heading(3, &question),
        }
        self.rows(&asked.rows);
        for finding in &asked.findings {
            let link = links(std::slice::from_ref(&finding.link));
            self.text
                .push_str(&format!("- {link}: {}\n", escape(&finding.about)));
        }
        if !asked.findings.is_empty() {
            self.text.push('\n');
        }
        self.quotes(&asked.quotes);
    }

    fn collections(&mut self, page: &Page) {
        if page.collections.is_empty() {
            return;
        }
        self.heading(2, "Collections");
        for collection in &page.collections {
            self.heading(3, &escape(&collection.name));
            self.paragraph(&escape(&collection.lead));
            self.quotes(&collection.quotes);
        }
    }

    fn rest(&mut self, page: &Page) {
        if let Some(questions) = &page.questions {
            self.heading(2, "Answers by question");
            self.paragraph(&escape(&questions.lead));
            questions.asked.iter().for_each(|one| self.question(one));
        }
        self.heading(2, "Passages in no stage");
        for part in &page.apart {
            self.heading(3, part.name);
            self.paragraph(&escape(&part.lead));
            if part.moments != "–" {
                self.paragraph(&format!("By moment: {}", escape(&part.moments)));
            }
            self.quotes(&part.examples);
        }
        self.heading(2, "What was skipped");
        if page.skipped.is_empty() {
            self.paragraph("Nothing: every input was read to its end.");
        } else {
            let lines = page.skipped.iter();
            let lines = lines.map(|s| vec![s.place.clone(), s.count.clone(), s.reason.clone()]);
            self.table(&["Where", "How many", "Why"], lines);
        }
        self.heading(2, "Coverage");
        self.rows(&page.coverage);
        if !page.saturation.is_empty() {
            self.heading(2, "Saturation");
            self.rows(&page.saturation);
        }
        self.heading(2, "What was read");
        self.rows(&page.corpus);
        self.heading(2, "Method");
        self.items(&page.method);
        self.heading(2, "Limits");
        self.items(&page.limits);
        self.heading(2, "Manifest");
        self.rows(&page.manifest.rows);
        self.rows(&page.manifest.parameters);
        let inputs = page.manifest.inputs.iter();
        self.table(
            &["Input", "About", "SHA-256"],
            inputs.map(|i| vec![i.name.clone(), i.about.clone(), i.sha256.clone()]),
        );
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
    }

    fn items(&mut self, items: &[TextItem]) {
        for item in items {
            let [heading, text] = [&item.heading, &item.text].map(|text| escape(text));
            self.paragraph(&format!("**{heading}.** {text}"));
        }
    }
}

/// `“label”: 12 mentions · 7 of 8 participants (terms)`.
fn group_line(group: &GroupView) -> String {
    let mut line = format!("“{}”: {}", escape(&group.label), escape(&group.about));
    if !group.terms.is_empty() {
        line.push_str(&format!(" ({})", escape(&group.terms.join(", "))));
    }
    line.replace("\\\n", " ")
}

/// `Purchase: “label”; Use: “label”`.
fn links(list: &[LinkView]) -> String {
    let each = list.iter().map(|link| {
        let [stage, label] = [&link.stage, &link.label].map(|text| escape(text));
        format!("{stage}: “{label}”").replace("\\\n", " ")
    });
    each.collect::<Vec<_>>().join("; ")
}

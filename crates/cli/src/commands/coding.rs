//! A blind sample coded in the terminal.

use std::io::{BufRead, Write};
use std::path::Path;

use throughline_study::{CodeColumn, CodingSheet, Study};

use crate::exit::Code;
use crate::output::{count, say};

pub(crate) fn code(file: &Path, lens: Option<&str>, folder: &Path) -> anyhow::Result<Code> {
    let study = Study::open_read(folder)?;
    let themes = study.themes(study.framework(lens)?)?;
    let themes = themes.into_iter().map(|(theme, label)| Choice {
        word: theme.id,
        about: Some(label.replace('\n', " ")),
    });
    let mut form = Form {
        sheet: CodingSheet::open(file)?,
        themes: themes.chain([Choice::plain("none")]).collect(),
        input: std::io::stdin().lock(),
        output: std::io::stderr(),
    };
    form.run()?;
    let (coded, all) = (form.sheet.coded(), form.sheet.len());
    say(&format!(
        "Coded {coded} of {}; `throughline validate score {}` compares them with the engine.",
        count(all as u64, "passage"),
        file.display()
    ));
    Ok(Code::Done)
}

/// A word that can be chosen.
struct Choice {
    word: String,
    /// What it stands for, where the word does not say so.
    about: Option<String>,
}

impl Choice {
    fn plain(word: &str) -> Self {
        Self {
            word: word.to_owned(),
            about: None,
        }
    }
}

/// What a line says.
enum Said {
    Word(String),
    Nothing,
    List,
    Back,
    Stop,
    /// It is no word of the list, or the beginning of several.
    Unclear(String),
}

/// How the coding of one passage ended.
enum Step {
    Next,
    Back,
    Stop,
}

struct Form<I, O> {
    sheet: CodingSheet,
    themes: Vec<Choice>,
    input: I,
    output: O,
}

impl<I: BufRead, O: Write> Form<I, O> {
    /// Asks for every passage of which nothing is coded, until there is none or
    /// the coder stops. The file is saved after each.
    fn run(&mut self) -> anyhow::Result<()> {
        writeln!(
            self.output,
            "? lists the words that can be given, nothing leaves one open, b goes back, q stops."
        )?;
        let mut earlier = Vec::new();
        let mut next = self.sheet.next_open(0);
        while let Some(number) = next {
            next = match self.passage(number)? {
                Step::Next => {
                    earlier.push(number);
                    self.sheet.next_open(number + 1)
                }
                Step::Back => {
                    let before = earlier.pop().unwrap_or(number);
                    self.sheet.clear(before);
                    Some(before)
                }
                Step::Stop => None,
            };
            self.sheet.save()?;
        }
        Ok(())
    }

    /// Codes one passage; where the coder leaves it, nothing is coded of it.
    fn passage(&mut self, number: usize) -> anyhow::Result<Step> {
        let Some(passage) = self.sheet.passage(number) else {
            return Ok(Step::Next);
        };
        let all = self.sheet.len();
        writeln!(self.output, "\nPassage {} of {all}", number + 1)?;
        if let Some(context) = passage.context {
            writeln!(self.output, "  Before: {context}")?;
        }
        writeln!(self.output, "  {}", passage.text)?;
        let mut pain = false;
        for column in self.sheet.columns().to_vec() {
            if column.of_pain && !pain {
                continue;
            }
            match self.ask(number, &column)? {
                Ok(word) => pain |= column.name == "pain" && word.as_deref() == Some("yes"),
                Err(step) => {
                    self.sheet.clear(number);
                    return Ok(step);
                }
            }
        }
        Ok(Step::Next)
    }

    /// Asks until a word is given, or nothing; or the passage is left.
    fn ask(
        &mut self,
        number: usize,
        column: &CodeColumn,
    ) -> anyhow::Result<Result<Option<String>, Step>> {
        let choices: Vec<Choice> = column
            .words
            .iter()
            .map(|word| Choice::plain(word))
            .collect();
        loop {
            // Themes are no fixed list: the study says which there are.
            let choices = if choices.is_empty() {
                &self.themes
            } else {
                &choices
            };
            write!(self.output, "{}: ", column.name)?;
            self.output.flush()?;
            let mut line = String::new();
            let said = match self.input.read_line(&mut line)? {
                0 => Said::Stop,
                _ => understood(line.trim(), choices),
            };
            match said {
                Said::Word(word) => match self.sheet.code(number, column, &word) {
                    Ok(()) => return Ok(Ok(Some(word))),
                    Err(problem) => writeln!(self.output, "  {problem}")?,
                },
                Said::Nothing => return Ok(Ok(None)),
                Said::List => list(&mut self.output, choices)?,
                Said::Unclear(problem) => writeln!(self.output, "  {problem}")?,
                Said::Back => return Ok(Err(Step::Back)),
                Said::Stop => return Ok(Err(Step::Stop)),
            }
        }
    }
}

fn list(output: &mut impl Write, choices: &[Choice]) -> std::io::Result<()> {
    for (number, choice) in (1..).zip(choices) {
        let about = choice.about.as_ref();
        let about = about.map_or_else(String::new, |about| format!("  “{about}”"));
        writeln!(output, "  {number:2} {}{about}", choice.word)?;
    }
    Ok(())
}

/// What a line means among the words that can be chosen: one of them, its
/// number, or the first letters of no other.
fn understood(line: &str, choices: &[Choice]) -> Said {
    let lower = line.to_lowercase();
    match lower.as_str() {
        "" => return Said::Nothing,
        "?" => return Said::List,
        "b" => return Said::Back,
        "q" => return Said::Stop,
        _ => {}
    }
    let numbered = lower.parse::<usize>().ok();
    let numbered = numbered.and_then(|number| choices.get(number.checked_sub(1)?));
    let exact = choices.iter().find(|choice| choice.word == lower);
    if let Some(choice) = numbered.or(exact) {
        return Said::Word(choice.word.clone());
    }
    let beginning = choices
        .iter()
        .filter(|choice| choice.word.starts_with(&lower));
    match beginning.collect::<Vec<_>>().as_slice() {
        [one] => Said::Word(one.word.clone()),
        [] => Said::Unclear(format!("'{line}' is none of the words; ? lists them")),
        several => {
            let words: Vec<&str> = several.iter().map(|choice| choice.word.as_str()).collect();
            Said::Unclear(format!("'{line}' may be {}", words.join(" or ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "passage,context,text,moment,sentiment,pain,severity,prompted,theme
01010101010101010101010101010101,How was it?,It was late.,,,,,,
02020202020202020202020202020202,,The lid broke.,,,,,,
03030303030303030303030303030303,,All is well.,,,,,,
";

    /// The file after these lines were typed, and what was shown.
    fn typed(file: &str, lines: &str) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ann.csv");
        std::fs::write(&path, file).unwrap();
        let mut form = Form {
            sheet: CodingSheet::open(&path).unwrap(),
            themes: vec![Choice::plain("use-1b"), Choice::plain("none")],
            input: lines.as_bytes(),
            output: Vec::new(),
        };
        form.run().unwrap();
        let shown = String::from_utf8(form.output).unwrap();
        (std::fs::read_to_string(&path).unwrap(), shown)
    }

    #[test]
    fn a_passage_is_coded_by_letters_and_numbers_and_pain_asks_for_more() {
        let (file, shown) = typed(FILE, "deli\nneg\ny\n?\neff\np\n1\nq\n");
        let row = ",It was late.,delivery,negative,yes,effort,prompted,use-1b\n";
        assert!(file.contains(row), "{file}");
        assert!(file.contains(",The lid broke.,,,,,,\n"), "{file}");
        assert!(
            shown.contains("Before: How was it?") && shown.contains(" 1 loss"),
            "{shown}"
        );
        let (file, shown) = typed(&file, "n\nuse\npos\nno\n");
        assert!(
            file.contains(",The lid broke.,use,positive,no,,,\n"),
            "{file}"
        );
        assert!(
            !shown.contains("It was late."),
            "what is coded is not asked again: {shown}"
        );
        assert!(shown.contains("'n' may be need or none"), "{shown}");
    }

    #[test]
    fn what_is_left_in_the_middle_is_not_coded_and_one_can_go_back() {
        let (file, _) = typed(FILE, "use\nneg\n");
        assert_eq!(file, FILE, "the input ended before pain");
        let (file, _) = typed(FILE, "use\nneg\nno\nb\nsetup\nneg\nno\nq\n");
        assert!(
            file.contains(",It was late.,setup,negative,no,,,\n"),
            "{file}"
        );
        assert!(file.contains(",The lid broke.,,,,,,\n"), "{file}");
        let (file, _) = typed(FILE, "\n\n\nuse\n\n\nq\n");
        assert!(file.contains(",It was late.,,,,,,\n"), "{file}");
        assert!(file.contains(",The lid broke.,use,,,,,\n"), "{file}");
    }
}

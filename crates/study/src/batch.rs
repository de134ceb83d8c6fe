//! Many searches in one process: JSON Lines in, JSON Lines out.

use std::io::{BufRead, Write};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_core::{Framework, PassageId};
use throughline_nlp::Tagger;

use crate::hybrid::{Asked, Hybrid, RankedDocument, Ranking};
use crate::plumbing::{ErrorRecord, Line, Lines, StreamOutcome, write_line};
use crate::{Study, StudyError};

/// Queries that are held at a time.
const CHUNK: usize = 128;

/// One query on its way in.
#[derive(Debug, Deserialize)]
struct BatchLine {
    #[serde(default)]
    id: Value,
    query: String,
    #[serde(default, rename = "where")]
    conditions: Option<String>,
}

/// One document that a query of a batch found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRecord {
    /// The query's id, unchanged.
    pub query_id: Value,
    /// Its place in the query's results, from 1.
    pub rank: u64,
    /// The passage of the document that answers best.
    pub passage: PassageId,
    /// The file, and for a row of a table `file#id`.
    pub doc: String,
    /// What orders the results; comparable within one query.
    pub score: f32,
}

impl Study {
    /// Answers one query a line with the best `top` documents, each with its best
    /// passage: in the order of the queries, then best first, ties by passage id.
    /// The caches must be current ([`Study::refresh_caches`]).
    ///
    /// `{"id", "query"}` is a query in plain text: all of it is words and meaning,
    /// and nothing in it is syntax. A third key, `where`, holds conditions in the
    /// query language (`"stage:purchase rating:<=2"`), which are applied before
    /// anything is ranked; `framework` expands its `stage:`.
    ///
    /// # Errors
    /// If a stream breaks, or the caches or the model fail; a line that cannot be
    /// understood is no error but is answered with an [`ErrorRecord`].
    pub fn search_batch(
        &self,
        tagger: &dyn Tagger,
        framework: &Framework,
        (ranking, top): (Ranking, usize),
        input: &mut dyn BufRead,
        output: &mut dyn Write,
    ) -> Result<StreamOutcome, StudyError> {
        let hybrid = Hybrid::new(self)?;
        let mut outcome = StreamOutcome::default();
        let mut lines = Lines::new(input);
        loop {
            let chunk: Vec<Line<BatchLine>> = lines.take(CHUNK)?;
            if chunk.is_empty() {
                output.flush()?;
                return Ok(outcome);
            }
            let mut asked: Vec<Line<(Value, Asked)>> = Vec::new();
            for line in chunk {
                asked.push(match line {
                    Ok(line) => self.asked(line, tagger, framework)?,
                    Err(error) => Err(error),
                });
            }
            let queries: Vec<&Asked> = asked.iter().flatten().map(|(_, asked)| asked).collect();
            let texts: Vec<&str> = queries.iter().map(|asked| asked.text.as_str()).collect();
            let vectors = tagger.embed(&texts)?;
            let found: Result<Vec<_>, StudyError> = queries
                .par_iter()
                .zip(&vectors)
                .map(|(asked, vector)| hybrid.documents(asked, vector, ranking, top))
                .collect();
            let mut found = found?.into_iter();
            for line in &asked {
                match line {
                    Ok((id, _)) => {
                        let found = found.next().unwrap_or_default();
                        write_answer(id, found, output)?;
                        outcome.answered += 1;
                    }
                    Err(error) => {
                        write_line(output, error)?;
                        outcome.malformed += 1;
                    }
                }
            }
        }
    }

    /// What a line asks, or what is wrong with its conditions.
    fn asked(
        &self,
        line: BatchLine,
        tagger: &dyn Tagger,
        framework: &Framework,
    ) -> Result<Line<(Value, Asked)>, StudyError> {
        let within = match &line.conditions {
            None => None,
            Some(conditions) => match self.search(conditions, tagger, framework) {
                Ok(search) => Some(search.places()?),
                Err(StudyError::Query(error)) => {
                    return Ok(Err(ErrorRecord {
                        id: line.id,
                        error: format!("where: {error}"),
                    }));
                }
                Err(error) => return Err(error),
            },
        };
        let text = line.query;
        Ok(Ok((line.id, Asked { text, within })))
    }
}

fn write_answer(
    id: &Value,
    found: Vec<RankedDocument>,
    output: &mut dyn Write,
) -> Result<(), StudyError> {
    for (rank, document) in (1..).zip(found) {
        let record = BatchRecord {
            query_id: id.clone(),
            rank,
            passage: document.passage,
            doc: document.name,
            score: document.score,
        };
        write_line(output, &record)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Inputs, PageRequest, Silent, Sort, Start};
    use throughline_nlp::RtenTagger;

    const REVIEWS: &str = "id,rating,text\n\
        1,1,The parcel came two weeks late and nobody told me.\n\
        2,5,\"The courier was on time. Paying with my phone was quick.\"\n\
        3,2,Paying was a pain: the discount code was refused.\n\
        4,4,The kettle boils water quickly.\n";

    fn study(folder: &std::path::Path, tagger: &dyn Tagger) -> Study {
        let file = folder.join("reviews.csv");
        std::fs::write(&file, REVIEWS).unwrap();
        let mut study = Study::create(&folder.join("study")).unwrap();
        let options = study.ingest_options(&[]).unwrap();
        let inputs = Inputs {
            arguments: &[file],
            except: &[],
        };
        study.add(inputs, &options, &Silent).unwrap();
        study.tag(tagger, &Silent).unwrap();
        study.refresh_caches(tagger, &Silent).unwrap();
        study
    }

    fn answers(queries: &str, ranking: Ranking) -> (Vec<Value>, StreamOutcome) {
        let folder = tempfile::tempdir().unwrap();
        let tagger = RtenTagger::embedded().unwrap();
        let study = study(folder.path(), &tagger);
        let mut output = Vec::new();
        let framework = study.framework(None).unwrap();
        let by = (ranking, 10);
        let outcome = study
            .search_batch(&tagger, framework, by, &mut queries.as_bytes(), &mut output)
            .unwrap();
        let output = String::from_utf8(output).unwrap();
        let lines = output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (lines.collect(), outcome)
    }

    #[test]
    fn a_query_is_words_and_meaning_and_finds_each_document_once() {
        let queries = "{\"id\": 7, \"query\": \"the \\\"discount: code\\\" - (refused\"}\n\
                       {\"id\": \"b\", \"query\": \"late delivery\"}\n";
        let (lines, outcome) = answers(queries, Ranking::HYBRID);
        assert_eq!((outcome.answered, outcome.malformed), (2, 0));
        let of = |id: Value| lines.iter().filter(move |line| line["query_id"] == id);
        let documents: Vec<_> = of(7.into())
            .map(|line| line["doc"].as_str().unwrap())
            .collect();
        assert_eq!(documents.len(), 4);
        assert_eq!(documents[0], "reviews.csv#3");
        assert_eq!(of("b".into()).next().unwrap()["doc"], "reviews.csv#1");
        for id in [Value::from(7), "b".into()] {
            let ranks: Vec<_> = of(id.clone())
                .map(|line| line["rank"].as_u64().unwrap())
                .collect();
            assert_eq!(ranks, [1, 2, 3, 4]);
            let scores: Vec<_> = of(id).map(|line| line["score"].as_f64().unwrap()).collect();
            assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
        }
    }

    #[test]
    fn conditions_come_first_and_a_wrong_line_keeps_its_place() {
        let queries = "{\"id\": 1, \"query\": \"paying\", \"where\": \"rating:>=4\"}\n\
                       {\"id\": 2, \"query\": \"paying\", \"where\": \"rating:>=\"}\n\
                       {\"id\": 3}\n";
        for ranking in [Ranking::HYBRID, Ranking::WORDS, Ranking::MEANING] {
            let (lines, outcome) = answers(queries, ranking);
            assert_eq!((outcome.answered, outcome.malformed), (1, 2));
            let documents: Vec<_> = lines
                .iter()
                .filter_map(|line| line["doc"].as_str())
                .collect();
            assert_eq!(documents, ["reviews.csv#2", "reviews.csv#4"], "{ranking:?}");
            assert_eq!((&lines[2]["id"], &lines[3]["id"]), (&2.into(), &3.into()));
            let error = lines[2]["error"].as_str().unwrap();
            assert!(error.starts_with("where: "), "{error}");
        }
    }

    #[test]
    fn quotes_are_found_by_their_words_and_by_their_meaning() {
        let folder = tempfile::tempdir().unwrap();
        let tagger = RtenTagger::embedded().unwrap();
        let study = study(folder.path(), &tagger);
        let found = |query: &str| {
            let framework = study.framework(None).unwrap();
            let search = study.search(query, &tagger, framework).unwrap();
            let page = search.page(&PageRequest {
                limit: 10,
                start: Start::Offset(0),
                sort: Sort::Relevance,
                context: None,
            });
            let page = page.unwrap();
            assert_eq!(page.total, page.found.len() as u64);
            assert!(page.found.is_sorted_by(|a, b| a.score >= b.score));
            let found = page.found.into_iter();
            let found = found.map(|quote| (quote.text, !quote.highlights.is_empty()));
            found.collect::<Vec<_>>()
        };
        let late = found("delayed package");
        assert!(
            late[0].0.starts_with("The parcel came two weeks late"),
            "{late:?}"
        );
        assert!(!late[0].1);
        let code = found("discount code");
        assert!(code[0].0.contains("discount code") && code[0].1, "{code:?}");
        assert!(
            found("delayed package rating:>=2")
                .iter()
                .all(|(words, _)| !words.contains("late"))
        );
    }
}

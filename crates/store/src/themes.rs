//! The last grouping of pain points under each framework.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};
use throughline_core::{ContentHash, OtherReason, PassageId, Span, SubTheme, Theme, Verbatim};

use crate::codes::Coded;
use crate::sources::write;
use crate::store::{integer, size};
use crate::{Other, Store, StoreError, ThemeRun};

impl Store {
    /// Keeps the themes of a framework, in their order, in the place of those
    /// that were there.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn put_themes(
        &mut self,
        run: &ThemeRun,
        themes: &[Theme],
        other: &[Other],
    ) -> Result<(), StoreError> {
        let transaction = write(&mut self.connection)?;
        transaction.execute(
            "DELETE FROM subtheme WHERE theme IN (SELECT id FROM theme WHERE framework = ?1)",
            [&run.framework],
        )?;
        for table in ["theme", "other", "theme_run"] {
            transaction.execute(
                &format!("DELETE FROM {table} WHERE framework = ?1"),
                [&run.framework],
            )?;
        }
        transaction.execute(
            "INSERT INTO theme_run (framework, parameters, inputs) VALUES (?1, ?2, ?3)",
            params![run.framework, run.parameters, run.inputs_hash.as_bytes()],
        )?;
        for theme in themes {
            insert_theme(&transaction, &run.framework, theme)?;
        }
        let sql = "INSERT INTO other (framework, passage, stage, reason) VALUES (?1, ?2, ?3, ?4)";
        for (passage, stage, reason) in other {
            let row = params![run.framework, passage.as_bytes(), stage, reason.code()];
            transaction.prepare_cached(sql)?.execute(row)?;
        }
        Ok(transaction.commit()?)
    }

    /// The last grouping under a framework: what it was made from, its themes
    /// and the passages in none, all in their order.
    ///
    /// # Errors
    /// If the record cannot be read.
    #[expect(
        clippy::type_complexity,
        reason = "three values that are always used apart"
    )]
    pub fn themes(
        &self,
        framework: &str,
    ) -> Result<Option<(ThemeRun, Vec<Theme>, Vec<Other>)>, StoreError> {
        let _view = self.snapshot()?;
        let sql = "SELECT parameters, inputs FROM theme_run WHERE framework = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let run = statement.query_row([framework], |row| {
            Ok(ThemeRun {
                framework: framework.to_owned(),
                parameters: row.get(0)?,
                inputs_hash: ContentHash::from_bytes(row.get(1)?),
            })
        });
        let Some(run) = run.optional()? else {
            return Ok(None);
        };
        let mut themes = read_all(
            &self.connection,
            "SELECT label_passage, label_start, label_end, terms, members, id, name, stage, also
             FROM theme WHERE framework = ?1 ORDER BY id",
            framework,
            theme_of,
        )?;
        let parts = read_all(
            &self.connection,
            "SELECT label_passage, label_start, label_end, terms, members, theme
             FROM subtheme WHERE theme IN (SELECT id FROM theme WHERE framework = ?1)
             ORDER BY id",
            framework,
            |row| Ok((row.get::<_, i64>(5)?, named(row)?)),
        )?;
        for (theme, part) in parts {
            let of = themes.binary_search_by_key(&theme, |(id, _)| *id);
            if let Some((_, theme)) = of.ok().and_then(|place| themes.get_mut(place)) {
                theme.parts.push(part);
            }
        }
        let themes = themes.into_iter().map(|(_, theme)| theme).collect();
        let other = read_all(
            &self.connection,
            "SELECT passage, stage, reason FROM other WHERE framework = ?1 ORDER BY id",
            framework,
            |row| {
                let passage = PassageId::from_bytes(row.get(0)?);
                Ok((passage, row.get(1)?, OtherReason::from_code(row.get(2)?)?))
            },
        )?;
        Ok(Some((run, themes, other)))
    }
}

impl Store {
    /// Which theme under a framework some passages are in, by its id and label; those
    /// in none are not there. The themes themselves are not loaded.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn themes_of(
        &self,
        framework: &str,
        passages: &[PassageId],
    ) -> Result<BTreeMap<PassageId, (String, Verbatim)>, StoreError> {
        let mut wanted = passages.to_vec();
        wanted.sort_unstable();
        let sql = "SELECT label_passage, label_start, label_end, members, name
             FROM theme WHERE framework = ?1 ORDER BY id";
        let found = read_all(&self.connection, sql, framework, |row| {
            let members = ids(row, 3)?;
            let found = members.iter().map(|id| PassageId::from_bytes(*id));
            let found = found.filter(|id| wanted.binary_search(id).is_ok());
            let found: Vec<PassageId> = found.collect();
            Ok((found, (row.get::<_, String>(4)?, label(row)?)))
        })?;
        let found = found.into_iter().flat_map(|(passages, theme)| {
            let each = passages.into_iter();
            each.map(move |passage| (passage, theme.clone()))
        });
        Ok(found.collect())
    }
}

fn read_all<T>(
    connection: &Connection,
    sql: &str,
    framework: &str,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([framework])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn insert_theme(connection: &Connection, framework: &str, theme: &Theme) -> Result<(), StoreError> {
    let sql = "INSERT INTO theme (framework, name, stage, label_passage, label_start, label_end,
         terms, members, also) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        framework,
        theme.id,
        theme.stage,
        theme.label.passage.as_bytes(),
        integer(theme.label.span.start),
        integer(theme.label.span.end),
        json(&theme.terms),
        bytes(&theme.members),
        bytes(&theme.also),
    ])?;
    let number = connection.last_insert_rowid();
    let sql = "INSERT INTO subtheme (theme, label_passage, label_start, label_end, terms, members)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    for part in &theme.parts {
        connection.prepare_cached(sql)?.execute(params![
            number,
            part.label.passage.as_bytes(),
            integer(part.label.span.start),
            integer(part.label.span.end),
            json(&part.terms),
            bytes(&part.members),
        ])?;
    }
    Ok(())
}

/// A list of strings always has a form in JSON.
fn json(terms: &[String]) -> String {
    serde_json::to_string(terms).unwrap_or_default()
}

fn bytes(passages: &[PassageId]) -> Vec<u8> {
    passages.iter().flat_map(|id| *id.as_bytes()).collect()
}

/// What themes and sub-themes have in common, from the first five columns.
fn named(row: &Row<'_>) -> Result<SubTheme, StoreError> {
    let terms: String = row.get(3)?;
    Ok(SubTheme {
        label: label(row)?,
        terms: serde_json::from_str(&terms)
            .map_err(|error| StoreError::corrupt(error.to_string()))?,
        members: passages(row, 4)?,
    })
}

/// A label, from the first three columns.
fn label(row: &Row<'_>) -> Result<Verbatim, StoreError> {
    Ok(Verbatim {
        passage: PassageId::from_bytes(row.get(0)?),
        span: Span {
            start: size(row.get(1)?)?,
            end: size(row.get(2)?)?,
        },
    })
}

fn passages(row: &Row<'_>, column: usize) -> Result<Vec<PassageId>, StoreError> {
    let ids = ids(row, column)?;
    Ok(ids.iter().map(|id| PassageId::from_bytes(*id)).collect())
}

fn ids<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [[u8; 16]], StoreError> {
    let bytes = row
        .get_ref(column)?
        .as_blob()
        .map_err(rusqlite::Error::from)?;
    match bytes.as_chunks::<16>() {
        (ids, []) => Ok(ids),
        _ => Err(StoreError::corrupt(
            "the passages of a theme cannot be read",
        )),
    }
}

/// A theme without its sub-themes, and the number of its row.
fn theme_of(row: &Row<'_>) -> Result<(i64, Theme), StoreError> {
    let SubTheme {
        label,
        terms,
        members,
    } = named(row)?;
    let theme = Theme {
        id: row.get(6)?,
        stage: row.get(7)?,
        label,
        terms,
        members,
        also: passages(row, 8)?,
        parts: Vec::new(),
    };
    Ok((row.get(5)?, theme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(framework: &str) -> ThemeRun {
        ThemeRun {
            framework: framework.to_owned(),
            parameters: "{}".to_owned(),
            inputs_hash: ContentHash::of(framework.as_bytes()),
        }
    }

    #[test]
    fn a_grouping_takes_the_place_of_the_last_one_under_its_framework() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create(folder.path()).unwrap();
        let id = |n: u8| PassageId::from_bytes([n; 16]);
        let theme = Theme {
            id: "purchase-1".to_owned(),
            stage: "purchase".to_owned(),
            label: Verbatim {
                passage: id(2),
                span: Span { start: 3, end: 9 },
            },
            terms: vec!["price".to_owned(), "caché".to_owned()],
            members: vec![id(2), id(1)],
            also: vec![id(4)],
            parts: vec![SubTheme {
                label: Verbatim {
                    passage: id(1),
                    span: Span { start: 0, end: 4 },
                },
                terms: vec!["fee".to_owned()],
                members: vec![id(1)],
            }],
        };
        let other = vec![(id(3), "use".to_owned(), OtherReason::TooFew)];
        assert_eq!(store.themes("customer").unwrap(), None);
        store
            .put_themes(&run("customer"), std::slice::from_ref(&theme), &[])
            .unwrap();
        store.put_themes(&run("buyer"), &[], &other).unwrap();
        let (of, themes, none) = store.themes("customer").unwrap().unwrap();
        let in_theme = (theme.id.clone(), theme.label);
        assert_eq!((of, themes, none), (run("customer"), vec![theme], vec![]));
        let asked = [id(3), id(2), id(4)];
        let found = store.themes_of("customer", &asked).unwrap();
        assert_eq!(found, BTreeMap::from([(id(2), in_theme)]));
        assert!(store.themes_of("buyer", &asked).unwrap().is_empty());
        store.put_themes(&run("customer"), &[], &[]).unwrap();
        assert!(store.themes("customer").unwrap().unwrap().1.is_empty());
        assert_eq!(store.themes("buyer").unwrap().unwrap().2, other);
    }
}

//! The last grouping of pain points under each framework.

use rusqlite::{Connection, OptionalExtension, Row, params};
use throughline_core::{ContentHash, OtherReason, PassageId, Span, Theme, Verbatim};

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
        let themes = read_all(
            &self.connection,
            "SELECT name, stage, label_passage, label_start, label_end, terms, members
             FROM theme WHERE framework = ?1 ORDER BY id",
            framework,
            theme_of,
        )?;
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
         terms, members) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    // A list of strings always has a form in JSON.
    let terms = serde_json::to_string(&theme.terms).unwrap_or_default();
    let members: Vec<u8> = theme.members.iter().flat_map(|id| *id.as_bytes()).collect();
    connection.prepare_cached(sql)?.execute(params![
        framework,
        theme.id,
        theme.stage,
        theme.label.passage.as_bytes(),
        integer(theme.label.span.start),
        integer(theme.label.span.end),
        terms,
        members,
    ])?;
    Ok(())
}

fn theme_of(row: &Row<'_>) -> Result<Theme, StoreError> {
    let terms: String = row.get(5)?;
    let members = row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?;
    let (members, rest) = members.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(StoreError::corrupt(
            "the passages of a theme cannot be read",
        ));
    }
    Ok(Theme {
        id: row.get(0)?,
        stage: row.get(1)?,
        label: Verbatim {
            passage: PassageId::from_bytes(row.get(2)?),
            span: Span {
                start: size(row.get(3)?)?,
                end: size(row.get(4)?)?,
            },
        },
        terms: serde_json::from_str(&terms)
            .map_err(|error| StoreError::corrupt(error.to_string()))?,
        members: members
            .iter()
            .map(|bytes| PassageId::from_bytes(*bytes))
            .collect(),
    })
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
        };
        let other = vec![(id(3), "use".to_owned(), OtherReason::TooFew)];
        assert_eq!(store.themes("customer").unwrap(), None);
        store
            .put_themes(&run("customer"), std::slice::from_ref(&theme), &[])
            .unwrap();
        store.put_themes(&run("buyer"), &[], &other).unwrap();
        let (of, themes, none) = store.themes("customer").unwrap().unwrap();
        assert_eq!((of, themes, none), (run("customer"), vec![theme], vec![]));
        store.put_themes(&run("customer"), &[], &[]).unwrap();
        assert!(store.themes("customer").unwrap().unwrap().1.is_empty());
        assert_eq!(store.themes("buyer").unwrap().unwrap().2, other);
    }
}

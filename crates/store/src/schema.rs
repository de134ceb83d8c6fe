//! The version of a record and how an older one becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// `ThrL`: tells a record from any other SQLite database.
const APPLICATION_ID: i32 = 0x5468_724c;

/// Step `n` makes version `n + 1` of a record of version `n`. A step that has
/// been released is never edited.
const STEPS: &[&str] = &[
    include_str!("schema_v1.sql"),
    include_str!("schema_v2.sql"),
    include_str!("schema_v3.sql"),
    include_str!("schema_v4.sql"),
    include_str!("schema_v5.sql"),
];

/// The version that this program writes.
pub(crate) const VERSION: u32 = STEPS.len() as u32;

/// Makes an empty record in an empty database.
pub(crate) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(connection, STEPS)
}

/// True if the database is a record, of whatever version.
pub(crate) fn is_record(connection: &Connection) -> Result<bool, StoreError> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok(id == APPLICATION_ID)
}

/// The record's version.
///
/// # Errors
/// [`StoreError::TooNew`] if this program does not know it.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    known_version(connection, VERSION)
}

/// Brings the record to the version of this program.
pub(crate) fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    migrate(connection, STEPS)
}

fn known_version(connection: &Connection, known: u32) -> Result<u32, StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    Ok(found)
}

/// Runs the steps that the record has not seen, all in one transaction.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let last = steps.len() as u32;
    if known_version(connection, last)? == last {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = known_version(&transaction, last)?;
    for step in steps.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", last)?;
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_missing_steps_run_and_a_failing_one_changes_nothing() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(
            &mut db,
            &["CREATE TABLE one (x); INSERT INTO one VALUES (7);"],
        )
        .unwrap();
        let steps = [
            "CREATE TABLE one (x);",
            "ALTER TABLE one ADD COLUMN y DEFAULT 8;",
        ];
        migrate(&mut db, &steps).unwrap();
        let both: (i64, i64) = db
            .query_row("SELECT x, y FROM one", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!(both, (7, 8));

        let broken = [
            steps[0],
            steps[1],
            "CREATE TABLE two (x); CREATE TABLE one (x);",
        ];
        assert!(migrate(&mut db, &broken).is_err());
        assert_eq!(known_version(&db, 2).unwrap(), 2);
        let tables: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_later_version_is_refused() {
        let mut db = Connection::open_in_memory().unwrap();
        migrate(&mut db, &["", "", ""]).unwrap();
        assert!(matches!(
            migrate(&mut db, &["", ""]),
            Err(StoreError::TooNew { found: 3, known: 2 })
        ));
    }
}

//! Making, opening and closing a record, and its small facts.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction};

use crate::load::Loaded;
use crate::withdrawn::Withdrawn;
use crate::{Corrections, Counts, StoreError, schema};

/// Name of the record within the folder of a study.
const RECORD: &str = "study.db";
/// Name of the file that the one writer holds locked.
const LOCK: &str = "study.lock";
/// How long to wait for another connection before saying that the study is in
/// use: longer than any transaction of a reader takes to pass a page on.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the lock is tried, and the pause between. A lock outlives its
/// holder for an instant where the process was just starting another one: the
/// copy of the handle is closed only when that program begins.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// Prepared statements kept: more than there are different ones.
const STATEMENTS: usize = 64;

/// The record of one study, opened.
///
/// One writer at a time ([`Self::open`]), and any number of readers beside it
/// ([`Self::open_read`]), each of which sees whole transactions only. What a
/// call that writes has returned from is on the disk: a crash at any instant
/// after it loses nothing of it.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    /// Who was withdrawn.
    pub(crate) withdrawn: Withdrawn,
    /// Sources whose reading this store has begun.
    pub(crate) begun: BTreeSet<i64>,
    /// The document that was looked into last, and the generation it is of:
    /// passages are asked for in the order in which they stand.
    pub(crate) last: RefCell<Option<(u64, Arc<Loaded>)>>,
    /// What people decided of passages, at a generation.
    pub(crate) corrections: RefCell<Option<(u64, Arc<Corrections>)>>,
    /// A model and the last of the passages that it has read without a gap, so
    /// that looking for the next ones does not begin at the first.
    pub(crate) read_up_to: Cell<Option<(i64, i64)>>,
    /// Dropped after the connection: the study stays locked until the record
    /// is closed.
    lock: Option<File>,
}

impl Store {
    /// Makes an empty record in `folder`, which is made if it does not exist,
    /// and opens it for writing.
    ///
    /// # Errors
    /// [`StoreError::Exists`] if there is one; [`StoreError::Busy`] if somebody
    /// else is making one; or the folder cannot be written.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(StoreError::io(folder))?;
        if Self::exists(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        let lock = lock(folder)?;
        if Self::exists(folder) {
            return Err(StoreError::Exists(folder.to_owned()));
        }
        // Made under another name, so that a record that is there is whole.
        let new = folder.join("study.db.new");
        for leftover in [new.clone(), folder.join("study.db.new-journal")] {
            remove_if_there(&leftover)?;
        }
        let flags = OpenFlags::SQLITE_OPEN_CREATE | open_flags();
        let mut connection = Connection::open_with_flags(&new, flags)?;
        schema::create(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        let record = folder.join(RECORD);
        std::fs::rename(&new, &record).map_err(StoreError::io(&record))?;
        sync_folder(folder)?;
        Self::writer(&record, lock)
    }

    /// Opens the record in `folder` for writing, and brings it to this
    /// program's version.
    ///
    /// # Errors
    /// [`StoreError::NotAStudy`], [`StoreError::Busy`] if somebody else has it
    /// open for writing, [`StoreError::TooNew`], or it cannot be written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let record = record_in(folder)?;
        let lock = lock(folder)?;
        Self::writer(&record, lock)
    }

    /// Opens the record in `folder` for reading. An older version is brought up
    /// to date first, which takes the place of the writer for a moment.
    ///
    /// # Errors
    /// As [`Self::open`]; busy only where the record is old.
    pub fn open_read(folder: &Path) -> Result<Self, StoreError> {
        let record = record_in(folder)?;
        let connection = connect(&record)?;
        if schema::version(&connection)? < schema::VERSION {
            drop(connection);
            Self::open(folder)?.close()?;
            return Self::open_read(folder);
        }
        // A connection that could write clears up the log when it is the last
        // to close; this forbids it everything else.
        connection.pragma_update(None, "query_only", true)?;
        Self::over(connection, None)
    }

    /// True if there is a file of a record's name in `folder`.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        folder.join(RECORD).exists()
    }

    fn writer(record: &Path, lock: File) -> Result<Self, StoreError> {
        let mut connection = connect(record)?;
        schema::upgrade(&mut connection)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Confirmed means on the disk, also when the power fails.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        connection.execute_batch("CREATE TEMP TABLE seen (document INTEGER PRIMARY KEY)")?;
        let mut store = Self::over(connection, Some(lock))?;
        // An erasure that was cut short is finished now; where it still cannot
        // be, that is no reason to keep the study closed.
        let _ = store.erase();
        Ok(store)
    }

    fn over(connection: Connection, lock: Option<File>) -> Result<Self, StoreError> {
        let withdrawn = Withdrawn::read(&connection)?;
        Ok(Self {
            connection,
            withdrawn,
            begun: BTreeSet::new(),
            last: RefCell::new(None),
            corrections: RefCell::new(None),
            read_up_to: Cell::new(None),
            lock,
        })
    }

    /// Closes the record: what was removed is erased, and the log is worked
    /// into the one file, so that the folder can be moved as it is.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn close(mut self) -> Result<(), StoreError> {
        if self.is_writer() {
            self.erase()?;
            self.checkpoint()?;
        }
        self.connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// A number that is raised, in the same transaction, with every change of
    /// documents, passages or tags: what was made from the record at this
    /// generation is up to date as long as it stays the same.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn generation(&self) -> Result<u64, StoreError> {
        Ok(number(fact(&self.connection, GENERATION)?.unwrap_or(0)))
    }

    /// A small fact that was kept under `key`.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        fact(&self.connection, &format!("set.{key}"))
    }

    /// Keeps a small fact: a hash, a list of names. Never words of a source,
    /// which nobody would find here when they are withdrawn.
    ///
    /// # Errors
    /// If the record cannot be written.
    pub fn put_setting(&mut self, key: &str, value: &str) -> Result<(), StoreError> {
        put_fact(&self.connection, &format!("set.{key}"), value)
    }

    /// How much there is in the study.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM source), count(*), total(turn_count),
             total(passage_count), (SELECT count(DISTINCT participant) FROM voice),
             (SELECT count(*) FROM judgement), (SELECT count(*) FROM withdrawn) FROM document";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            // total() is a float, exact up to 2^53.
            let total = |column| row.get(column).map(|sum: f64| sum as u64);
            let count = |column| row.get(column).map(number);
            Ok(Counts {
                sources: count(0)?,
                documents: count(1)?,
                turns: total(2)?,
                passages: total(3)?,
                participants: count(4)?,
                judgements: count(5)?,
                withdrawn: count(6)?,
            })
        })?)
    }

    /// Caps the size of the record at `pages` of 4 KiB (never below what it has
    /// now): a change that would need more fails with [`StoreError::NoSpace`]
    /// and leaves the record as it was. Holds until the store is closed.
    ///
    /// # Errors
    /// If the record cannot be read.
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        Ok(self
            .connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?)
    }

    /// A view of one instant, for reads that take more than one statement;
    /// `None` inside such a view.
    pub(crate) fn snapshot(&self) -> Result<Option<Transaction<'_>>, StoreError> {
        if self.connection.is_autocommit() {
            Ok(Some(self.connection.unchecked_transaction()?))
        } else {
            Ok(None)
        }
    }

    /// True if this is the one store that may write.
    pub(crate) fn is_writer(&self) -> bool {
        self.lock.is_some()
    }

    /// Forgets what was kept in memory of documents that may now change.
    pub(crate) fn forget(&self) {
        self.last.replace(None);
        self.read_up_to.set(None);
    }

    /// Works the log into the record and empties it; false if a reader holds
    /// it.
    pub(crate) fn checkpoint(&self) -> Result<bool, StoreError> {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(busy == 0)
    }
}

/// Key of the generation among the facts.
pub(crate) const GENERATION: &str = "generation";

/// The fact called `key`.
pub(crate) fn fact<T: rusqlite::types::FromSql>(
    connection: &Connection,
    key: &str,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM fact WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get(0)).optional()?)
}

/// Keeps a fact.
pub(crate) fn put_fact<T: rusqlite::ToSql>(
    connection: &Connection,
    key: &str,
    value: T,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO fact (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    connection
        .prepare_cached(sql)?
        .execute(rusqlite::params![key, value])?;
    Ok(())
}

/// Says, within a transaction, that documents, passages or tags have changed.
pub(crate) fn raise_generation(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let now: i64 = fact(transaction, GENERATION)?.unwrap_or(0);
    put_fact(transaction, GENERATION, now.saturating_add(1))
}

/// A count as SQLite gives it: never negative.
pub(crate) fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// A length or offset as SQLite keeps it.
pub(crate) fn integer(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// A length or offset out of the record.
pub(crate) fn size(value: i64) -> Result<usize, StoreError> {
    usize::try_from(value).map_err(|_| StoreError::corrupt(format!("{value} is no position")))
}

fn open_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn record_in(folder: &Path) -> Result<PathBuf, StoreError> {
    let record = folder.join(RECORD);
    match std::fs::metadata(&record) {
        Ok(found) if found.is_file() => Ok(record),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(StoreError::io(&record)(error))
        }
        _ => Err(StoreError::NotAStudy(folder.to_owned())),
    }
}

/// A connection to a file that is a record.
fn connect(record: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(record, open_flags())?;
    connection.busy_timeout(PATIENCE)?;
    match schema::is_record(&connection) {
        Ok(true) => {}
        Ok(false) | Err(StoreError::Corrupt(_)) => {
            let folder = record.parent().unwrap_or(record);
            return Err(StoreError::NotAStudy(folder.to_owned()));
        }
        Err(error) => return Err(error),
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans never depend on the values bound: no statement is planned twice.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // References are kept by this crate; checking them on every removal would
    // need indices that nothing else reads.
    connection.pragma_update(None, "foreign_keys", false)?;
    // Negative: KiB, not pages.
    connection.pragma_update(None, "cache_size", -(32 << 10))?;
    Ok(connection)
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(StoreError::io(&path))?;
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => {
                tries += 1;
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&path)(error)),
        }
    }
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io(path)(error))
        }
        _ => Ok(()),
    }
}

/// Makes a new name in `folder` last through a power cut, where the system has
/// a way to say so.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|opened| opened.sync_all())
            .map_err(StoreError::io(folder))?;
    }
    Ok(())
}

/// True if the failure is that somebody else holds the record.
pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

-- The record of a study, version 1. PRAGMA application_id says that a file is
-- one ('ThrL'), PRAGMA user_version its version.
--
-- Names of labels are numbers here; src/codes.rs lists them. A varint is an
-- unsigned LEB128; zigzag maps signed to unsigned numbers.

-- Small facts: 'generation' (raised with every change of documents, passages or
-- tags), 'erase' (1 while removed words may still lie in free pages), and
-- settings under 'set.<key>'.
CREATE TABLE fact (
  key TEXT PRIMARY KEY,
  value NOT NULL
) WITHOUT ROWID;

-- Files. state: 0 reading, 1 done. summary: JSON, once done.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  settings BLOB NOT NULL,
  state INTEGER NOT NULL,
  summary TEXT
);

-- Documents. print: first 16 bytes of SHA-256 over everything but the text,
-- which hash covers. file: NULL where it is the source's name. date: YYYYMMDD.
-- attributes: JSON object, NULL where empty. Its passages have the ids
-- first_passage, first_passage + 1, … in order.
-- turns: varint n, then n strings (varint length, UTF-8); varint m, then m
-- turns: varint gap after the last turn's end, varint length, byte (bits 0-2
-- role, 3 speaker, 4 participant, 5 start, 6 end), then what the bits say:
-- varint string number of speaker, of participant; start ms, end ms.
-- segments: varint n, then n strings; varint m, then m segments: varint gap in
-- the canonical text, varint length, byte (bit 0 exact, 1 source length
-- differs, 2 part), zigzag gap in the source, zigzag source length if it
-- differs, varint string number of the part if there is one.
CREATE TABLE document (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  source INTEGER NOT NULL REFERENCES source(id),
  kind INTEGER NOT NULL,
  hash BLOB NOT NULL,
  print BLOB NOT NULL,
  shortened INTEGER NOT NULL,
  first_passage INTEGER NOT NULL,
  passage_count INTEGER NOT NULL,
  turn_count INTEGER NOT NULL,
  file TEXT,
  row TEXT,
  format TEXT NOT NULL,
  title TEXT,
  date INTEGER,
  rating REAL,
  question TEXT,
  product TEXT,
  attributes TEXT,
  turns BLOB NOT NULL,
  segments BLOB NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX document_source ON document(source);

-- Passages: bytes start…end of their document's text. name: the 16 bytes of the
-- passage id. input: first 16 bytes of the hash of words and context.
CREATE TABLE passage (
  id INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES document(id),
  turn INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  name BLOB NOT NULL,
  input BLOB NOT NULL
);
CREATE UNIQUE INDEX passage_name ON passage(name);

-- Who speaks in which document.
CREATE TABLE voice (
  document INTEGER NOT NULL REFERENCES document(id),
  participant TEXT NOT NULL,
  PRIMARY KEY (document, participant)
) WITHOUT ROWID;

-- What made readings.
CREATE TABLE model (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,
  backend TEXT NOT NULL
);

-- What a model said of a passage's input; gone as soon as the input changes.
-- tags: bytes moment, sentiment, touchpoint, flags (bit 0 unclear, 1 pain),
-- then five 32-bit little-endian floats: confidence of moment and sentiment,
-- valence, confidence of pain and touchpoint. vector: its row below.
CREATE TABLE reading (
  model INTEGER NOT NULL REFERENCES model(id),
  passage INTEGER NOT NULL REFERENCES passage(id),
  vector INTEGER NOT NULL REFERENCES vector(id),
  tags BLOB NOT NULL,
  PRIMARY KEY (model, passage)
) WITHOUT ROWID;

-- One signed byte a component.
CREATE TABLE vector (
  id INTEGER PRIMARY KEY,
  components BLOB NOT NULL
);

-- The last grouping under each framework; inputs: hash of what it was made from.
CREATE TABLE theme_run (
  framework TEXT PRIMARY KEY,
  parameters TEXT NOT NULL,
  inputs BLOB NOT NULL
) WITHOUT ROWID;

-- Its themes in order. terms: JSON array. members: 16 bytes a passage.
CREATE TABLE theme (
  id INTEGER PRIMARY KEY,
  framework TEXT NOT NULL REFERENCES theme_run(framework),
  name TEXT NOT NULL,
  stage TEXT NOT NULL,
  label_passage BLOB NOT NULL,
  label_start INTEGER NOT NULL,
  label_end INTEGER NOT NULL,
  terms TEXT NOT NULL,
  members BLOB NOT NULL
);

-- Passages in no theme, in order.
CREATE TABLE other (
  id INTEGER PRIMARY KEY,
  framework TEXT NOT NULL REFERENCES theme_run(framework),
  passage BLOB NOT NULL,
  stage TEXT NOT NULL,
  reason INTEGER NOT NULL
);

-- Withdrawn documents and participants: first 16 bytes of SHA-256 over 'd' or
-- 'p', a zero byte and the name. Nothing else is remembered of them.
CREATE TABLE withdrawn (
  name BLOB PRIMARY KEY
) WITHOUT ROWID;

-- A person's judgements, anchored to words. Rows are added, and never changed
-- by a run.
CREATE TABLE judgement (
  id TEXT PRIMARY KEY,
  document TEXT NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  exact TEXT NOT NULL,
  prefix TEXT NOT NULL,
  suffix TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  author TEXT NOT NULL,
  time TEXT NOT NULL,
  reason TEXT
) WITHOUT ROWID;

-- Version 4: sub-themes, and passages that fit a second theme.

-- also: 16 bytes a passage, as members.
ALTER TABLE theme ADD COLUMN also BLOB NOT NULL DEFAULT x'';

-- What a theme's passages fall into, in order; columns as in theme.
CREATE TABLE subtheme (
  id INTEGER PRIMARY KEY,
  theme INTEGER NOT NULL REFERENCES theme(id),
  label_passage BLOB NOT NULL,
  label_start INTEGER NOT NULL,
  label_end INTEGER NOT NULL,
  terms TEXT NOT NULL,
  members BLOB NOT NULL
);
CREATE INDEX subtheme_theme ON subtheme(theme);

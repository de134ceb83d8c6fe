-- Version 2: why passages have their tags.

-- What carried the tags that a model gave a passage's input; gone as soon as
-- the input changes. method: number of the way in which it was found out. why:
-- JSON, places in the passage's own text and no words.
CREATE TABLE explanation (
  model INTEGER NOT NULL REFERENCES model(id),
  passage INTEGER NOT NULL REFERENCES passage(id),
  method INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (model, passage)
) WITHOUT ROWID;

-- Version 5: heads of the study's own, learnt from what its people corrected.

-- adapted: the tags as the study's own heads give them, as tags; NULL where they
-- say what the model says.
ALTER TABLE reading ADD COLUMN adapted BLOB;

-- The heads themselves, one set a model, as whoever made them writes them. Gone
-- with every withdrawal.
CREATE TABLE own_heads (
  model INTEGER PRIMARY KEY REFERENCES model(id),
  heads TEXT NOT NULL
);

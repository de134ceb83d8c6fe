-- Version 3: the language of a document, and who speaks in it.

-- language: ISO 639 code, NULL where it could not be told. speakers: JSON array
-- of who speaks in a conversation, with labels, role, how sure it is and why,
-- and attributes; NULL where nobody is named.
ALTER TABLE document ADD COLUMN language TEXT;
ALTER TABLE document ADD COLUMN speakers TEXT;

use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{RAW_TOKENIZER_NAME, TokenizerManager};
use tantivy::{TantivyDocument, Term};
use throughline_core::PassageId;

use crate::query::{NameField, UNCLEAR, UNKNOWN};
use crate::{Column, Quote, words};

/// Counts changes of this file and of [`crate::words`] that make an older
/// index answer otherwise. It stands in every commit.
pub(crate) const VERSION: u32 = 3;

const EXACT: &str = "exact";
const STEM: &str = "stem";
/// Fast fields with the two halves of the passage id, most significant first.
pub(crate) const ID_HIGH: &str = "id_high";
pub(crate) const ID_LOW: &str = "id_low";
/// Fast field with [`Quote::start`].
pub(crate) const START: &str = "start";
/// Fast fields with the document's date as a number, and its rating.
pub(crate) const DATE: &str = "date";
pub(crate) const RATING: &str = "rating";

/// The fields of the index.
///
/// The text is indexed twice: in exact form with positions, for phrases and
/// prefixes, and as stems with frequencies, for ranking. Nothing is stored, since
/// the record holds it: the text alone would be two thirds of the index. Dates,
/// ratings and ids are columns alone, which is all that ranges and ties need;
/// what can be counted ([`Column`]) is a column beside its terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) exact: Field,
    pub(crate) stem: Field,
    pub(crate) document: Field,
    pub(crate) date: Field,
    pub(crate) rating: Field,
    id_high: Field,
    id_low: Field,
    start: Field,
    moment: Field,
    sentiment: Field,
    pain: Field,
    touchpoint: Field,
    role: Field,
    kind: Field,
    language: Field,
    speaker: Field,
    participant: Field,
    document_words: Field,
    product: Field,
    question: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fields = Fields {
        exact: text(
            &mut builder,
            EXACT,
            EXACT,
            IndexRecordOption::WithFreqsAndPositions,
        ),
        stem: text(&mut builder, STEM, STEM, IndexRecordOption::WithFreqs),
        document: column(&mut builder, Column::Document),
        date: builder.add_u64_field(DATE, FAST),
        rating: builder.add_f64_field(RATING, FAST),
        id_high: builder.add_u64_field(ID_HIGH, FAST),
        id_low: builder.add_u64_field(ID_LOW, FAST),
        start: builder.add_u64_field(START, FAST),
        moment: column(&mut builder, Column::Moment),
        sentiment: column(&mut builder, Column::Sentiment),
        pain: column(&mut builder, Column::Pain),
        touchpoint: column(&mut builder, Column::Touchpoint),
        role: column(&mut builder, Column::Role),
        kind: column(&mut builder, Column::Kind),
        language: column(&mut builder, Column::Language),
        speaker: name(&mut builder, NameField::Speaker),
        participant: name(&mut builder, NameField::Participant),
        document_words: name(&mut builder, NameField::Document),
        product: name(&mut builder, NameField::Product),
        question: name(&mut builder, NameField::Question),
    };
    (builder.build(), fields)
}

/// What makes words of the text fields.
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(EXACT, words::exact_analyzer());
    manager.register(STEM, words::stem_analyzer());
    manager
}

fn text(
    builder: &mut SchemaBuilder,
    name: &str,
    tokenizer: &str,
    record: IndexRecordOption,
) -> Field {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(tokenizer)
        .set_index_option(record);
    let options = TextOptions::default().set_indexing_options(indexing);
    builder.add_text_field(name, options)
}

/// A field whose whole value is one term and one value of a column, as it is
/// written.
fn column(builder: &mut SchemaBuilder, column: Column) -> Field {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(RAW_TOKENIZER_NAME)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let options = TextOptions::default()
        .set_indexing_options(indexing)
        .set_fast(RAW_TOKENIZER_NAME);
    builder.add_text_field(column.as_str(), options)
}

fn name(builder: &mut SchemaBuilder, field: NameField) -> Field {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(EXACT)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let options = TextOptions::default().set_indexing_options(indexing);
    let options = match field {
        NameField::Participant | NameField::Product => options.set_fast(RAW_TOKENIZER_NAME),
        _ => options,
    };
    builder.add_text_field(field.as_str(), options)
}

impl Fields {
    pub(crate) fn name(&self, field: NameField) -> Field {
        match field {
            NameField::Speaker => self.speaker,
            NameField::Participant => self.participant,
            NameField::Document => self.document_words,
            NameField::Product => self.product,
            NameField::Question => self.question,
        }
    }

    pub(crate) fn column(&self, column: Column) -> Field {
        match column {
            Column::Moment => self.moment,
            Column::Sentiment => self.sentiment,
            Column::Pain => self.pain,
            Column::Touchpoint => self.touchpoint,
            Column::Role => self.role,
            Column::Kind => self.kind,
            Column::Language => self.language,
            Column::Document => self.document,
            Column::Participant => self.participant,
            Column::Product => self.product,
        }
    }

    /// The term that names a document, whatever its case.
    pub(crate) fn document_term(&self, name: &str) -> Term {
        Term::from_field_text(self.document, name)
    }

    /// The quote as the engine takes it in.
    pub(crate) fn document(&self, quote: &Quote) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let (high, low) = halves(quote.id);
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_u64(self.start, quote.start);
        document.add_text(self.exact, &quote.text);
        document.add_text(self.stem, &quote.text);
        document.add_text(self.document, &quote.document);
        document.add_text(self.document_words, &quote.document);
        let moment = if quote.unclear {
            UNCLEAR
        } else {
            quote.moment.as_str()
        };
        document.add_text(self.moment, moment);
        document.add_text(self.sentiment, quote.sentiment.as_str());
        document.add_text(self.pain, if quote.pain { "yes" } else { "no" });
        document.add_text(self.touchpoint, quote.touchpoint.as_str());
        document.add_text(self.role, quote.role.as_str());
        document.add_text(self.kind, quote.kind.as_str());
        let language = quote.language.as_deref().unwrap_or(UNKNOWN);
        document.add_text(self.language, language);
        let names = [
            (self.speaker, &quote.speaker),
            (self.participant, &quote.participant),
            (self.product, &quote.product),
            (self.question, &quote.question),
        ];
        for (field, value) in names {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
        if let Some(date) = quote.date {
            document.add_u64(self.date, u64::from(date.as_number()));
        }
        if let Some(rating) = quote.rating.filter(|rating| rating.is_finite()) {
            // Minus zero is zero.
            document.add_f64(self.rating, rating + 0.0);
        }
        document
    }
}

fn halves(id: PassageId) -> (u64, u64) {
    let number = u128::from_be_bytes(*id.as_bytes());
    ((number >> 64) as u64, number as u64)
}

/// The id that [`halves`] took apart. Its order is that of the pair.
pub(crate) fn id_from_halves(high: u64, low: u64) -> PassageId {
    let number = (u128::from(high) << 64) | u128::from(low);
    PassageId::from_bytes(number.to_be_bytes())
}

//! PDF documents with a text layer: pages of glyphs, put together to words,
//! lines and paragraphs by where they stand.
//!
//! A PDF says where to draw which glyph, in the order of its producer's choice,
//! which is nearly always that of reading. There are neither words nor
//! paragraphs in it; spaces are often gaps. A page is a part of its own
//! (`page 3`), and its text is that of its glyphs in this order.

mod bounds;
mod columns;
mod layout;
mod running;
mod text;

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use hayro_interpret::font::{Glyph as Drawn, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, RenderContent, SoftMask, TransformExt, interpret_page,
};

use super::Unpacked;
use crate::contained::{Panicked, contained};
use layout::{Glyph, Page};

/// A file that takes longer is given up.
const LONGEST: Duration = Duration::from_secs(60);
/// The largest file that is read, in bytes.
const LARGEST: usize = 256 << 20;
/// The most text, in bytes: some thousand hours of speech.
const MOST_TEXT: usize = 64 << 20;
/// The most lines; each is kept with its place.
const MOST_LINES: usize = 4_000_000;
/// Room for forms that lie within each other.
const STACK: usize = 64 << 20;
/// Glyphs are drawn in units of which the font's size has a thousand.
const EM: f64 = 1_000.0;
/// What a glyph of unknown width takes, in these units.
const USUAL_WIDTH: f64 = 500.0;

/// Reads the document in `bytes`.
///
/// It is read by a thread of its own, so that a file which makes the library
/// panic or never end is a file that cannot be read, and the others go on. A
/// thread that never ends goes with the program.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(bytes: &[u8]) -> Result<Unpacked, String> {
    if bytes.len() > LARGEST || bounds::unpacks_to_too_much(bytes) {
        return Err(
            "it is too large, or unpacks to too much; split it, or save it as text".to_owned(),
        );
    }
    let bytes = Arc::new(bytes.to_vec());
    let (done, result) = channel();
    let work = move || {
        // Nobody listens any more if it took too long.
        let _ = done.send(contained(|| pages(&bytes)));
    };
    thread::Builder::new()
        .name("pdf-reader".to_owned())
        .stack_size(STACK)
        .spawn(work)
        .map_err(|error| format!("no thread could be started to read it: {error}"))?;
    let pages = match result.recv_timeout(LONGEST) {
        Ok(Ok(pages)) => pages?,
        Err(RecvTimeoutError::Timeout) => {
            return Err(format!(
                "it took longer than {} s to read; print it to a new PDF",
                LONGEST.as_secs()
            ));
        }
        Ok(Err(Panicked)) | Err(RecvTimeoutError::Disconnected) => {
            return Err(
                "it is damaged in a way that cannot be read; print it to a new PDF".to_owned(),
            );
        }
    };
    text::text(pages)
}

/// The lines of every page.
fn pages(bytes: &Arc<Vec<u8>>) -> Result<Vec<Page>, String> {
    let pdf = Pdf::new(Arc::clone(bytes)).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            "it is protected by a password; save it without one".to_owned()
        }
        LoadPdfError::Decryption(_) => {
            "it is encrypted in a way that is not read; save it without a password".to_owned()
        }
        LoadPdfError::Invalid => "it is damaged or no PDF; copy it again".to_owned(),
    })?;
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings {
        // Notes in the margin are nothing that was said.
        render_content: RenderContent::PAGE,
        ..InterpreterSettings::default()
    };
    let (mut text, mut lines) = (0, 0);
    let mut found = Vec::new();
    for page in pdf.pages().iter() {
        let mut device = Extractor {
            page: Page::default(),
            full: false,
        };
        let (width, height) = page.render_dimensions();
        let mut context = Context::new(
            page.initial_transform(true).to_kurbo(),
            Rect::new(0.0, 0.0, f64::from(width), f64::from(height)),
            &cache,
            pdf.xref(),
            settings.clone(),
        );
        interpret_page(page, &mut context, &mut device);
        text += device.page.text.len();
        lines += device.page.lines.len();
        if device.full || text > MOST_TEXT || lines > MOST_LINES {
            return Err(format!(
                "it holds more than {} MiB of text; split it",
                MOST_TEXT >> 20
            ));
        }
        found.push(device.page);
    }
    Ok(found)
}

/// Takes down the glyphs of a page and nothing else.
struct Extractor {
    page: Page,
    /// True once there is too much on the page to go on.
    full: bool,
}

impl Device<'_> for Extractor {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        self.full |= self.page.text.len() > MOST_TEXT || self.page.lines.len() > MOST_LINES;
        if self.full {
            return;
        }
        let glyph = |drawn: &hayro_interpret::font::PositionedGlyph<'_>| {
            let place = props.transform * drawn.transform();
            let width = match &**drawn {
                Drawn::Outline(glyph) => glyph.advance_width(),
                Drawn::Type3(glyph) => glyph.advance_width(),
            };
            let at = |x: f64| place * Point::new(x, 0.0);
            Glyph {
                words: drawn.as_unicode().map(|words| match words {
                    BfString::Char(c) => c.to_string(),
                    BfString::String(words) => words,
                }),
                start: at(0.0),
                end: at(width.map_or(USUAL_WIDTH, f64::from)),
                along: at(EM) - at(0.0),
            }
        };
        let glyphs: Vec<Glyph> = run.glyphs().iter().map(glyph).collect();
        self.page.run(&glyphs);
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod cases;

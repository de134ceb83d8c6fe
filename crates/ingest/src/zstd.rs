use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// A stream of Zstandard frames, shown unpacked.
pub(crate) struct ZstdDecoder<R> {
    source: R,
    decoder: FrameDecoder,
    /// The first byte of the next frame, looked at to see whether there is one.
    peeked: Option<u8>,
    within: bool,
    ended: bool,
}

impl<R: Read> ZstdDecoder<R> {
    /// `source` stands at the start of a frame.
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            decoder: FrameDecoder::new(),
            peeked: None,
            within: false,
            ended: false,
        }
    }

    /// Goes on to the next frame; false if there is none.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            let mut first = [0];
            if self.peeked.is_none() {
                let read = self.source.by_ref().take(1).read(&mut first)?;
                if read == 0 {
                    return Ok(false);
                }
                self.peeked = first.first().copied();
            }
            let head = self.peeked.take();
            match self.decoder.reset(head.as_slice().chain(&mut self.source)) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let wanted = u64::from(length);
                    let passed = io::copy(&mut self.source.by_ref().take(wanted), &mut io::sink())?;
                    if passed < wanted {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(damaged(error)),
            }
        }
    }
}

impl<R: Read> Read for ZstdDecoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while !self.ended {
            if !self.within {
                self.within = self.next_frame()?;
                self.ended = !self.within;
                continue;
            }
            let wanted = buffer.len();
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBytes(wanted))
                    .map_err(damaged)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.within = false;
        }
        Ok(0)
    }
}

fn damaged(error: FrameDecoderError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        ZstdDecoder::new(bytes).read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn frames_are_read_one_after_another_and_others_passed() {
        let text = b"One row and another row and another row.\n".repeat(9_000);
        let mut packed = compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
        packed.extend([0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]);
        packed.extend(compress_to_vec(&b"end"[..], CompressionLevel::Uncompressed));
        assert_eq!(unpack(&packed).unwrap(), [text.as_slice(), b"end"].concat());
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        let packed = compress_to_vec(&b"some words"[..], CompressionLevel::Fastest);
        for end in 1..packed.len() - 4 {
            assert!(unpack(&packed[..end]).is_err(), "{end}");
        }
        assert!(unpack(b"\x28\xB5\x2F\xFD rubbish and more rubbish").is_err());
        assert_eq!(unpack(b"").unwrap(), b"");
    }
}

//! What the streams of a PDF unpack to, before anything unpacks them.

use flate2::{Decompress, FlushDecompress, Status};

use crate::package::{LARGEST, LARGEST_PART};

/// True if a stream of `bytes` unpacks to more than [`LARGEST_PART`], or all of
/// them to more than [`LARGEST`]: the library unpacks whatever it is given.
///
/// Streams are found by their keyword and by the two bytes that deflated data
/// begin with; each byte is unpacked once at most.
pub(super) fn unpacks_to_too_much(bytes: &[u8]) -> bool {
    let mut all = 0;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"stream") {
        rest = rest.get(at + b"stream".len()..).unwrap_or_default();
        let data = rest.strip_prefix(b"\r").unwrap_or(rest);
        let data = data.strip_prefix(b"\n").unwrap_or(data);
        let &[first, second, ..] = data else { continue };
        if first & 0x0F != 8 || !u16::from_be_bytes([first, second]).is_multiple_of(31) {
            continue;
        }
        let (packed, unpacked) = unpack(data);
        all += unpacked;
        if unpacked > LARGEST_PART || all > LARGEST {
            return true;
        }
        rest = data.get(packed..).unwrap_or_default();
    }
    false
}

/// How many bytes the deflated data at the start of `bytes` are, and what they
/// unpack to, as far as these may go.
fn unpack(bytes: &[u8]) -> (usize, u64) {
    let mut inflate = Decompress::new(true);
    let mut room = vec![0; 64 << 10];
    loop {
        let at = inflate.total_in();
        let done = inflate.total_out();
        let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..));
        let status = inflate.decompress(rest.unwrap_or_default(), &mut room, FlushDecompress::None);
        let stuck = inflate.total_in() == at && inflate.total_out() == done;
        let over = inflate.total_out() > LARGEST_PART;
        if over || stuck || !matches!(status, Ok(Status::Ok | Status::BufError)) {
            let packed = usize::try_from(inflate.total_in()).unwrap_or(usize::MAX);
            return (packed, inflate.total_out());
        }
    }
}

fn find(bytes: &[u8], words: &[u8]) -> Option<usize> {
    bytes
        .windows(words.len())
        .position(|window| window == words)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn stream(size: u64) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(b"stream\r\n".to_vec(), Compression::fast());
        std::io::copy(
            &mut std::io::Read::take(std::io::repeat(0), size),
            &mut encoder,
        )
        .unwrap();
        encoder.flush().unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_stream_that_unpacks_to_too_much_is_seen() {
        assert!(unpacks_to_too_much(&stream(LARGEST_PART + 1)));
        let (one, two) = (stream(1 << 20), stream(3 << 20));
        assert!(!unpacks_to_too_much(
            &[one, b"endstream\n".to_vec(), two].concat()
        ));
        assert!(!unpacks_to_too_much(
            b"stream\nx stream\n\x78\x9c rubbish stream"
        ));
    }
}

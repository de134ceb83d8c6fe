//! Settings as in `corpus/settings`.
#![no_main]

use throughline_study::Config;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(config) = Config::parse(text)
    {
        let _ = config.column_map();
    }
});

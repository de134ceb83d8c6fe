//! Writes the place of libtorch into the program, so that it runs without
//! `LD_LIBRARY_PATH`.

fn main() {
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    if let Some(folder) = std::env::var_os("LIBTORCH").map(std::path::PathBuf::from) {
        let lib = folder.join("lib");
        let lib = lib.canonicalize().unwrap_or(lib);
        println!("cargo:rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
}

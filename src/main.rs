//! The `throughline` program. Everything is in `throughline-cli`.

fn main() -> std::process::ExitCode {
    throughline_cli::main()
}

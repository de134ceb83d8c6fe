//! The help, as a person sees it. A change of it is a change of contract.

use clap::CommandFactory;

#[test]
fn help_teaches_by_examples() {
    let mut command = throughline_cli::Arguments::command();
    command.build();
    let mut pages = vec![command.render_long_help().to_string()];
    for sub in command
        .get_subcommands_mut()
        .filter(|sub| sub.get_name() != "help")
    {
        let help = sub.render_long_help().to_string();
        assert!(
            help.contains("Example"),
            "{} shows no example",
            sub.get_name()
        );
        pages.push(help);
    }
    insta::assert_snapshot!("help", pages.join("\n────────\n"));
}

#[test]
fn every_shell_and_every_command_is_covered() {
    use clap::ValueEnum;
    for shell in clap_complete::Shell::value_variants() {
        let mut script = Vec::new();
        let mut command = throughline_cli::Arguments::command();
        clap_complete::generate(*shell, &mut command, "throughline", &mut script);
        assert!(
            String::from_utf8(script).unwrap().contains("analyze"),
            "{shell}"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(throughline_cli::Arguments::command(), folder.path()).unwrap();
    let commands = throughline_cli::Arguments::command()
        .get_subcommands()
        .count();
    // One page for each command, and one for the program.
    assert!(std::fs::read_dir(folder.path()).unwrap().count() > commands);
}

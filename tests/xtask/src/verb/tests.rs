//! Stories of the command line: what each verb runs and what is wrong use.

use super::{Request, Verb, parse};

fn request(line: &str) -> Option<Request> {
    parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn each_verb_runs_its_program() {
    for (line, command) in [
        ("demo", "run --locked -p tests --bin demo --"),
        ("demo --window", "run --locked -p tests --bin demo -- --window"),
        ("test", "test --workspace --locked"),
        ("test -- --nocapture", "test --workspace --locked -- --nocapture"),
        ("speed push", "run --locked --release -p tests --bin speed -- push"),
        ("storm --seed 7", "run --locked --release -p tests --bin storm -- --seed 7"),
    ] {
        assert_eq!(request(line).unwrap().cargo_arguments().join(" "), command, "{line}");
    }
}

#[test]
fn help_is_help_and_everything_else_is_wrong_use() {
    for line in ["help", "--help", "-h"] {
        assert_eq!(request(line).unwrap().verb, Verb::Help);
    }
    assert_eq!(request("check").unwrap().verb, Verb::Check);
    for line in ["", "dmeo", "Test", "check everything", "--window demo"] {
        assert_eq!(request(line), None, "{line:?}");
    }
}

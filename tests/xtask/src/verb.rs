//! What the caller asked for, and the cargo command that does it.
//! Never runs anything.

/// What `cargo xtask` prints when it is called wrongly or asked for help.
pub const USAGE: &str = "\
Usage: cargo xtask VERB [ARGUMENTS]

  demo [--window]   play a whole van day on real parts and compare the outcome
  test              run every test of the workspace
  speed             measure, and print a table of ratios
  storm             run the simulations and the fault tests for long
  check             only check what this machine lacks for building, and install it

Every verb first checks the machine: what is missing is installed with apt-get where that is allowed,
or the line that installs it is printed. Further arguments go to the program that the verb runs.
";

/// The first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Demo,
    Test,
    Speed,
    Storm,
    Check,
    Help,
}

/// A verb and the arguments that go to the program it runs.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    pub verb: Verb,
    pub arguments: Vec<String>,
}

/// Reads the command line without the program's name; `None` for wrong use.
pub fn parse(arguments: &[String]) -> Option<Request> {
    let (verb, rest) = arguments.split_first()?;
    let verb = match verb.as_str() {
        "demo" => Verb::Demo,
        "test" => Verb::Test,
        "speed" => Verb::Speed,
        "storm" => Verb::Storm,
        "check" if rest.is_empty() => Verb::Check,
        "help" | "--help" | "-h" => Verb::Help,
        _ => return None,
    };
    Some(Request { verb, arguments: rest.to_vec() })
}

impl Verb {
    /// The program of the `tests` crate that does the verb, if one does.
    pub fn binary(self) -> Option<&'static str> {
        match self {
            Verb::Demo => Some("demo"),
            Verb::Speed => Some("speed"),
            Verb::Storm => Some("storm"),
            Verb::Test | Verb::Check | Verb::Help => None,
        }
    }

    /// Whether the program is built with optimisations: what is timed or runs for long is.
    fn is_optimised(self) -> bool {
        matches!(self, Verb::Speed | Verb::Storm)
    }
}

impl Request {
    /// The arguments of the cargo command that does the request. The lock file is taken as it is, so that two
    /// machines build the same thing.
    pub fn cargo_arguments(&self) -> Vec<String> {
        let mut command: Vec<&str> = match self.verb.binary() {
            None => vec!["test", "--workspace", "--locked"],
            Some(binary) => {
                let mut command = vec!["run", "--locked"];
                command.extend(self.verb.is_optimised().then_some("--release"));
                command.extend(["-p", "tests", "--bin", binary, "--"]);
                command
            }
        };
        command.extend(self.arguments.iter().map(String::as_str));
        command.into_iter().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests;

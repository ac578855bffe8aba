//! `cargo xtask storm [NAME…] [--seed N] [--only CASE] [--count N] [--minutes N]`: runs the storms and prints what they
//! found. Exits with failure on any finding.

use std::process::ExitCode;
use std::time::Duration;
use tests::storm::kill::{CHILD, as_a_child};
use tests::storm::{Budget, Plan, STORMS, Storm};

const USAGE: &str = "\
Usage: storm [NAME…] [--seed N] [--only CASE] [--count N] [--minutes N]

  NAME         a storm or a group of them; without a name, all
  --seed N     another world; the same seed gives the same runs
  --only CASE  one case alone, as a finding's line says
  --count N    so many of each storm's unit, instead of its aim
  --minutes N  for so long, shared out among the storms
";

/// The seed of CI's run.
const SEED: u64 = 20_261_123;

struct Wanted {
    storms: Vec<&'static Storm>,
    plan: Plan,
}

fn parse(arguments: &[String]) -> Result<Wanted, String> {
    let (mut seed, mut budget, mut names) = (SEED, Budget::Aims(1.0), Vec::new());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u64, String> {
            let text = arguments.next().ok_or(format!("{argument} needs a number"))?;
            text.parse().map_err(|_| format!("{argument} needs a number, not {text}"))
        };
        match argument.as_str() {
            "--seed" => seed = number()?,
            "--only" => budget = Budget::Only(number()?),
            "--count" => budget = Budget::Count(number()?),
            "--minutes" => budget = Budget::Time(Duration::from_secs(60 * number()?)),
            name => names.push(name.to_owned()),
        }
    }
    let is_known = |name: &String| STORMS.iter().any(|storm| storm.name == name || storm.group == name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let known: Vec<&str> = STORMS.iter().map(|storm| storm.name).collect();
        return Err(format!("no storm is called {unknown}; there are {}", known.join(", ")));
    }
    let is_wanted = |storm: &&Storm| {
        names.is_empty() || names.iter().any(|name| name == storm.name || name == storm.group)
    };
    let storms: Vec<&Storm> = STORMS.iter().filter(is_wanted).collect();
    if matches!(budget, Budget::Only(_)) && storms.len() != 1 {
        return Err("--only runs one case of one storm: name it".to_owned());
    }
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    Ok(Wanted { storms, plan: Plan { seed, budget, threads } })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, rest)) = arguments.split_first()
        && first == CHILD
    {
        return as_a_child(rest);
    }
    match parse(&arguments) {
        Ok(wanted) if wanted.plan.run(&wanted.storms) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("storm: {message}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

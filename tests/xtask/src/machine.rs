//! What a machine needs for building Caravan beside Rust, how to find out, and how to get it.
//! Never needed at run time: the finished programs bring everything with them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// One thing that the build needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A C compiler with the C library's headers: SQLCipher, OpenSSL and zstd are written in C.
    Compiler,
    /// The whole of Perl: OpenSSL's configuration uses modules that Debian's `perl-base` leaves out.
    Perl,
    /// OpenSSL is built by make.
    Make,
}

/// How this process may install packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Installer {
    Root,
    Sudo,
    /// No apt-get, or no right to use it.
    Nobody,
}

/// A program and its arguments.
type CommandLine = Vec<String>;

impl Need {
    const ALL: [Need; 3] = [Need::Compiler, Need::Perl, Need::Make];

    /// What it is called in a message.
    fn name(self) -> &'static str {
        match self {
            Need::Compiler => "a C compiler with the C library's headers",
            Need::Perl => "the whole of Perl",
            Need::Make => "make",
        }
    }

    /// The packages of Debian and Ubuntu that have it.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Need::Compiler => &["gcc", "libc6-dev"],
            Need::Perl => &["perl"],
            Need::Make => &["make"],
        }
    }

    /// Whether the machine has it, found out by using it as the build will.
    fn is_met(self) -> bool {
        match self {
            // A compiler without headers is the common half: only compiling tells.
            Need::Compiler => ["cc", "gcc"].into_iter().any(|compiler| {
                succeeds(
                    compiler,
                    &["-x", "c", "-fsyntax-only", "-"],
                    "#include <stdio.h>\n#include <stdlib.h>\n",
                )
            }),
            Need::Perl => {
                let modules = ["-MFindBin", "-MIPC::Cmd", "-MFile::Compare", "-MFile::Copy", "-MPod::Html"];
                succeeds("perl", &[&modules[..], &["-MTime::Piece", "-e1"]].concat(), "")
            }
            Need::Make => succeeds("make", &["--version"], ""),
        }
    }
}

/// Makes sure that everything is there, installing what is not; the error is the message for the person,
/// ending with the one line that helps.
pub fn prepare() -> Result<(), String> {
    let lacking = lacking();
    if lacking.is_empty() {
        return Ok(());
    }
    let installer = installer();
    if installer == Installer::Nobody {
        return Err(advice(&lacking, "it cannot be installed from here"));
    }
    println!("Installing what this machine lacks: {}.", names(&lacking));
    if !install(&packages(&lacking), installer) {
        return Err(advice(&lacking, "apt-get failed"));
    }
    let still_lacking = self::lacking();
    if still_lacking.is_empty() {
        Ok(())
    } else {
        Err(advice(&still_lacking, "it is still missing after apt-get"))
    }
}

fn lacking() -> Vec<Need> {
    Need::ALL.into_iter().filter(|need| !need.is_met()).collect()
}

/// Installs packages. The lists are fetched first when there are none, and once more when they are too old to
/// find a package by; otherwise a machine that has them is not made to wait.
fn install(packages: &[&str], installer: Installer) -> bool {
    let (update, install) = apt_commands(packages, installer);
    let has_lists = has_package_lists(Path::new("/var/lib/apt/lists"));
    if !has_lists && !run(&update) {
        return false;
    }
    run(&install) || (has_lists && run(&update) && run(&install))
}

/// The two commands that fetch the package lists and install packages, without a question asked.
fn apt_commands(packages: &[&str], installer: Installer) -> (CommandLine, CommandLine) {
    let with_rights = |words: &[&str]| {
        let before: &[&str] = if installer == Installer::Sudo { &["sudo", "-n"] } else { &[] };
        let all = [before, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], words].concat();
        all.into_iter().map(str::to_owned).collect()
    };
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    (with_rights(&["update"]), with_rights(&install))
}

/// Whether apt-get has fetched the lists of what it can install.
fn has_package_lists(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        // Lists may be kept compressed: `…_Packages`, `…_Packages.lz4`.
        name.to_string_lossy().contains("_Packages")
    })
}

fn installer() -> Installer {
    if !succeeds("apt-get", &["--version"], "") {
        return Installer::Nobody;
    }
    let is_root =
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    match is_root {
        true => Installer::Root,
        false if succeeds("sudo", &["-n", "true"], "") => Installer::Sudo,
        false => Installer::Nobody,
    }
}

/// What is missing, why it was not installed, and the one line that installs it.
fn advice(lacking: &[Need], reason: &str) -> String {
    let line = packages(lacking).join(" ");
    format!(
        "This machine lacks {}, and {reason}. Run this and try again:\n\n  \
         sudo apt-get update && sudo apt-get install -y {line}\n",
        names(lacking)
    )
}

fn packages(needs: &[Need]) -> Vec<&'static str> {
    needs.iter().flat_map(|need| need.packages()).copied().collect()
}

fn names(needs: &[Need]) -> String {
    needs.iter().map(|need| need.name()).collect::<Vec<_>>().join(", ")
}

/// Runs a command that shows what it does, and tells whether it worked.
fn run(command: &[String]) -> bool {
    let Some((program, arguments)) = command.split_first() else { return false };
    Command::new(program).args(arguments).stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs a command in silence with some input; a program that is not there did not succeed.
fn succeeds(program: &str, arguments: &[&str], input: &str) -> bool {
    let quiet = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = quiet else { return false };
    // A program that does not read its input closes it early, which is no failure; taking the pipe closes it.
    if let Some(mut pipe) = child.stdin.take() {
        let _ = pipe.write_all(input.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests;

//! The README's lines for real use, run as they stand there.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests live in the project").to_owned()
}

/// The lines of the `sh` blocks under "For real use".
fn lines() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let section = readme.split("## For real use").nth(1).and_then(|rest| rest.split("\n## ").next());
    let blocks = section.expect("the section stands there").split("```");
    let shell = blocks.filter_map(|block| block.strip_prefix("sh\n"));
    shell.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A server that ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One line as a command: the server's program is played by the demo's, the app is its own.
fn command(line: &str, folder: &Path) -> Command {
    let demo = PathBuf::from(env!("CARGO_BIN_EXE_demo"));
    let (program, arguments) = line.split_once(' ').expect("a command with arguments");
    if program == "sed" {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(folder);
        return command;
    }
    let mut command = if program == "sync-server" {
        let mut command = Command::new(&demo);
        command.arg("server");
        command
    } else {
        let caravan = demo.with_file_name("caravan");
        assert!(caravan.exists(), "cargo build -p app makes {}", caravan.display());
        Command::new(caravan)
    };
    let mut quoted = false;
    for part in arguments.split('"') {
        if quoted {
            command.arg(part);
        } else {
            command.args(part.split_whitespace());
        }
        quoted = !quoted;
    }
    command.current_dir(folder).env_remove("CARAVAN_DATA");
    command
}

/// What a program said until it ended.
struct Ran {
    code: Option<i32>,
    said: String,
    wrong: String,
}

/// Runs a command to its end, with the PIN typed where it asks.
fn typed(line: &str, command: &mut Command) -> Ran {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
    // Whoever asks for nothing may have ended before it is typed.
    drop(child.stdin.take().expect("piped").write_all(b"482915\n"));
    let output = child.wait_with_output().expect("ended");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), said: text(&output.stdout), wrong: text(&output.stderr) }
}

/// Another port than the README's, which may be taken.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn the_lines_of_the_readme_do_what_they_say() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(folder.path().join("tests")).expect("a folder");
    std::os::unix::fs::symlink(root().join("tests/demo"), folder.path().join("tests/demo"))
        .expect("the demo's files");
    std::fs::create_dir_all(folder.path().join("shared")).expect("a folder");
    std::os::unix::fs::symlink(root().join("shared/content"), folder.path().join("shared/content"))
        .expect("the project's packs");
    let port = free_port().to_string();
    let (mut serving, mut code, mut ran) = (None, String::new(), Vec::new());
    for line in lines() {
        let line = line.replace("7443", &port).replace("CODE", &code);
        let verb = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        if verb == "sync-server serve" {
            let mut child = command(&line, folder.path()).stdout(Stdio::piped()).spawn().expect("started");
            let mut said = String::new();
            BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("it speaks");
            assert!(said.starts_with("listening on https://"), "{said}");
            serving = Some(Serving(child));
            ran.push(verb);
            continue;
        }
        let mut command = command(&line, folder.path());
        if verb == "caravan enrol" {
            command.arg("--pin-stdin");
        } else if verb.starts_with("caravan") {
            // The window itself needs a display; what it would do and show is done and told without one.
            let Ran { said, .. } =
                typed(&line, self::command(&line, folder.path()).args(["sync", "--pin-stdin"]));
            assert!(said.contains("all is delivered and all is here"), "{said}");
            command.args(["status", "--pin-stdin"]);
        }
        let Ran { code: ended, said, wrong } = typed(&line, &mut command);
        assert_eq!(ended, Some(0), "{line}\n{said}{wrong}");
        if let Some(made) = said.split_whitespace().find(|word| word.starts_with("caravan1:")) {
            code = made.to_owned();
        }
        ran.push(verb);
        if line.starts_with("caravan --data") {
            assert!(said.contains("Sample"), "the member of staff who enrolled can sign in: {said}");
            let people = said.split_once("people here: ").and_then(|(_, rest)| rest.split(';').next());
            let people: usize = people.and_then(|people| people.parse().ok()).expect("they are counted");
            assert!(people > 0, "the people of today's stops are here: {said}");
        }
    }
    assert!(serving.is_some(), "{ran:?}");
    for verb in [
        "sed \"s/2026-11-23/$(date",
        "sync-server init",
        "sync-server pack",
        "sync-server import",
        "sync-server device",
        "sync-server export",
        "caravan enrol",
        "caravan --data",
    ] {
        assert!(ran.iter().any(|run| run == verb), "the README has no line for {verb}: {ran:?}");
    }
}

/// A server with the demonstration's day, and an enrolled tablet in `tablet`; gives what serves.
fn enrolled(folder: &Path) -> Serving {
    std::os::unix::fs::symlink(root().join("tests"), folder.join("tests")).expect("the demo's files");
    let port = free_port();
    let run = |line: &str| {
        let Ran { code, said, wrong } = typed(line, &mut command(line, folder));
        assert_eq!(code, Some(0), "{line}\n{said}{wrong}");
        said
    };
    run(&format!("sync-server init --data server --name 127.0.0.1 --listen 127.0.0.1:{port}"));
    for kind in ["employers", "staff", "schedule"] {
        run(&format!("sync-server import {kind} tests/demo/{kind}.csv --data server"));
    }
    let serve = "sync-server serve --data server";
    let mut child = command(serve, folder).stdout(Stdio::piped()).spawn().expect("started");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("it speaks");
    let code = run(&format!(
        "sync-server device enrol --van VAN-01 --staff S-101 --server 127.0.0.1:{port} --data server"
    ));
    let code = code.split_whitespace().find(|word| word.starts_with("caravan1:")).expect("a code");
    run(&format!("caravan enrol --data tablet --label Tablet --pin-stdin {code}"));
    Serving(child)
}

#[test]
fn a_revoked_tablet_says_in_words_what_happened_and_whom_to_call() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let _serving = enrolled(folder.path());
    let revoke = "sync-server device revoke 2 --data server";
    assert_eq!(typed(revoke, &mut command(revoke, folder.path())).code, Some(0));
    let sync = "caravan sync --data tablet --pin-stdin";
    let Ran { code, said, .. } = typed(sync, &mut command(sync, folder.path()));
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("the office has revoked this device") && said.contains("call the office"),
        "{said}"
    );
    assert!(!said.contains("Revoked"), "no name of the program's own: {said}");
}

/// A program that looks for a display where there is none.
fn blind(mut command: Command) -> Command {
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "SLINT_BACKEND"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn without_a_display_a_program_says_so_once_and_names_no_place_of_its_builder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (line, advice) in [
        ("caravan --data tablet", "Start it on the panel"),
        ("demo window tablet", "the pictures show the same screens"),
    ] {
        let command = match line.strip_prefix("demo ") {
            None => command(line, folder.path()),
            Some(arguments) => {
                let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
                demo.args(arguments.split(' ')).current_dir(folder.path());
                demo
            }
        };
        let Ran { code, said, wrong } = typed(line, &mut blind(command));
        assert_eq!(code, Some(3), "{line}: {said}{wrong}");
        assert!(wrong.contains(advice), "{line}: {wrong}");
        assert_eq!(wrong.matches("no window can be opened").count(), 1, "{line}: {wrong}");
        for place in [".rs", "registry", "/root", "/home"] {
            assert!(!wrong.contains(place), "{line}: {wrong}");
        }
    }
}

#[test]
fn the_demo_takes_no_word_that_it_does_not_know() {
    for words in [&["extra"][..], &["--window", "extra"], &["--windows"]] {
        let Ran { code, wrong, .. } = typed("demo", Command::new(env!("CARGO_BIN_EXE_demo")).args(words));
        assert_eq!(code, Some(2), "{words:?}: {wrong}");
        assert!(wrong.contains("is not known; cargo xtask demo [--window]"), "{wrong}");
    }
}

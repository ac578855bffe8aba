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
            // The window itself needs a display; who may sign in is told without one.
            command.arg("status");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        child.stdin.take().expect("piped").write_all(b"482915\n").expect("the PIN is typed");
        let output = child.wait_with_output().expect("ended");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}\n{said}{}", String::from_utf8_lossy(&output.stderr));
        if let Some(made) = said.split_whitespace().find(|word| word.starts_with("caravan1:")) {
            code = made.to_owned();
        }
        ran.push(verb);
        if line.starts_with("caravan --data") {
            assert!(said.contains("Sample"), "the member of staff who enrolled can sign in: {said}");
        }
    }
    assert!(serving.is_some(), "{ran:?}");
    for verb in [
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

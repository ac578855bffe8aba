//! No log holds a person: real processes at the most verbose level, with people who can be recognised in any text.

use app::capture::CheckInDraft;
use app::store::MetaReads;
use app::sync::{HttpTransport, Transport};
use shared::domain::route::{Site, Staff};
use shared::draft::PersonDraft;
use shared::ids::RegionId;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use sync_server::planner::natural_id;
use tests::office::{EMPLOYERS, PIN, SCHEDULE, STAFF};
use tests::sample::agreed_aloud;
use tests::van::Van;

const ROSTER: &str = "site_code,employer_code,employee_number,relation,employee_of,family_name,given_name,middle_name,\
    birth_date,sex,language,phone,email,address,city,state,postal_code,member_number,plan,coverage_from,coverage_to\n\
    STEEL-1,SSW-1,E90417731,employee,,Quillfeather-Sample,Zuleika,,1971-03-29,female,en,555-555-0173,\
    zuleika@sample.invalid,7 Marrowbone Lane,Town,MA,01234,M77310042,Sample,2026-01-01,\n";
/// A bad date, and an unknown word.
const BAD_ROWS: &str = "STEEL-1,SSW-1,E90417732,employee,,Thistlewood-Sample,Ottoline,,1968-17-29,female,en,,,,,,,,,,\n\
    STEEL-1,SSW-1,E90417733,cousin,,Thistlewood-Sample,Ottoline,,1968-07-29,female,en,,,,,,,M77310042,,,\n";
const GAPS: &str = "member_number,gap_id,due_since\nM77310042,COL,2026-01-01\nM77310049,COL,2026-01-01\n";

/// What would tell of a person.
const PERSONAL: [&str; 16] = [
    "quillfeather",
    "zuleika",
    "thistlewood",
    "ottoline",
    "marrowbone",
    "bellwether",
    "philippa",
    "1971-03-29",
    "1968-17-29",
    "1968-07-29",
    "1959-11-02",
    "5550173",
    "555-0173",
    "e9041773",
    "m7731004",
    "555-0188",
];

fn found(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    PERSONAL.into_iter().filter(|personal| text.contains(personal)).collect()
}

fn program(name: &str) -> Command {
    let demo = PathBuf::from(env!("CARGO_BIN_EXE_demo"));
    let mut command = match name {
        "sync-server" => {
            let mut command = Command::new(&demo);
            command.arg("server");
            command
        }
        other => Command::new(demo.with_file_name(other)),
    };
    command.env_remove("CARAVAN_DATA").env("CARAVAN_LOG", "trace");
    command
}

fn run(name: &str, arguments: &[&str], folder: &Path, typed: &str) -> Output {
    let mut command = program(name);
    command.args(arguments).current_dir(folder);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{name} {arguments:?}: {error}"));
    // A command that reads nothing may have ended by now.
    let _ = child.stdin.take().expect("piped").write_all(typed.as_bytes());
    child.wait_with_output().expect("ended")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server with its logs in files; it ends with the test.
struct Serving {
    child: Child,
    folder: PathBuf,
}

impl Serving {
    fn start(folder: &Path) -> Serving {
        let file = |name: &str| File::create(folder.join(name)).expect("a file");
        let mut command = program("sync-server");
        command.args(["serve", "--data", "server"]).current_dir(folder);
        let child = command.stdout(file("said")).stderr(file("logged")).spawn().expect("started");
        let serving = Serving { child, folder: folder.to_owned() };
        let by = Instant::now() + Duration::from_secs(60);
        while !serving.file("said").contains("listening on") {
            assert!(Instant::now() < by, "{}", serving.file("logged"));
            std::thread::sleep(Duration::from_millis(20));
        }
        serving
    }
    fn file(&self, name: &str) -> String {
        let mut bytes = Vec::new();
        let mut file = File::open(self.folder.join(name)).expect("a file");
        file.read_to_end(&mut bytes).expect("read");
        text(&bytes)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Somebody is checked in, and somebody is registered whom nobody expected.
fn capture(van: &mut Van) {
    let site = natural_id(RegionId(1), Site::KIND.number, &["STEEL-1"]).into();
    let stop = van.desk.today().expect("a day").stops[0].id;
    let expected = van.desk.find("Zuleika", None, 5).expect("found")[0].id;
    let draft = PersonDraft {
        family_name: "Bellwether-Sample".into(),
        given_name: "Philippa".into(),
        birth_date: "1959-11-02".into(),
        sex: "female".into(),
        phone: "555-555-0188".into(),
        ..PersonDraft::default()
    };
    let walked_up = van.desk.register(&draft, site).expect("registered");
    for (person, walk_up) in [(expected, false), (walked_up, true)] {
        let identifiers = vec!["name".into(), "birth date".into()];
        let draft = CheckInDraft { person, stop, identifiers, consent: agreed_aloud(), walk_up };
        van.desk.check_in(&draft).expect("checked in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_holds_a_person_however_much_is_logged() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let folder = work.path();
    let address = format!("127.0.0.1:{}", free_port());
    let init = ["init", "--data", "server", "--region", "1", "--name", "127.0.0.1", "--listen", &address];
    assert!(run("sync-server", &init, folder, "").status.success());

    // Files with bad rows: the operator is shown them, the log is not.
    let mut logged = String::new();
    let today = app::platform::now().day(0).to_string();
    let files = [
        ("staff", STAFF.to_owned()),
        ("employers", EMPLOYERS.to_owned()),
        ("schedule", SCHEDULE.replace("DAY", &today)),
        ("roster", format!("{ROSTER}{BAD_ROWS}")),
        ("gaps", GAPS.to_owned()),
    ];
    for (kind, file) in &files {
        std::fs::write(folder.join(kind), file).expect("written");
        let output =
            run("sync-server", &["import", kind, kind, "--data", "server", "--skip-bad"], folder, "");
        assert!(output.status.success(), "{kind}: {}", text(&output.stderr));
        logged += &text(&output.stderr);
        let shown = text(&output.stdout);
        let told = found(&shown);
        match *kind {
            "roster" => assert!(told.contains(&"1968-17-29"), "the operator sees them: {shown}"),
            "gaps" => assert!(told.contains(&"m7731004"), "the operator sees them: {shown}"),
            _ => {}
        }
    }
    assert!(logged.contains("a file was read"), "{logged}");

    let serving = Serving::start(folder);
    let code =
        ["device", "enrol", "--van", "VAN-01", "--staff", "S-1", "--server", &address, "--data", "server"];
    let code = text(&run("sync-server", &code, folder, "").stdout);
    let code = code.split_whitespace().find(|word| word.starts_with("caravan1:")).expect("a code");
    let enrol = ["enrol", "--data", "tablet", "--label", "Tablet 1", "--pin-stdin", code];
    let enrolled = run("caravan", &enrol, folder, &format!("{PIN}\n"));
    assert!(enrolled.status.success(), "{}", text(&enrolled.stderr));
    let sync = || run("caravan", &["sync", "--data", "tablet", "--pin-stdin"], folder, &format!("{PIN}\n"));
    let pulled = sync();
    assert!(pulled.status.success(), "{}{}", text(&pulled.stdout), text(&pulled.stderr));

    let staff = natural_id(RegionId(1), Staff::KIND.number, &["S-1"]).into();
    let mut van = Van::sign_in(&folder.join("tablet"), staff, PIN).expect("signed in");
    capture(&mut van);
    let pushed = sync();
    assert!(text(&pushed.stdout).contains("all is delivered"), "{}", text(&pushed.stdout));

    // Somebody else holds the file: what comes cannot be saved.
    let mut other = van.store().expect("a store");
    let held = other.write().expect("held");
    let failed = sync();
    assert!(!failed.status.success(), "{}", text(&failed.stdout));
    assert!(text(&failed.stderr).contains("what came could not be saved"), "{}", text(&failed.stderr));
    drop(held);

    // Requests that are none, with a person in them.
    let mut line = TcpStream::connect(&address).expect("connected");
    line.write_all(b"GET /?name=Quillfeather-Sample HTTP/1.1\r\n\r\n").expect("sent");
    drop(line);
    let store = van.store().expect("a store");
    let identity = store.identity().expect("read").expect("enrolled");
    let transport =
        HttpTransport::enrolled(&identity, store.server_time().expect("read")).expect("a transport");
    let refused = transport.push(b"Zuleika Quillfeather-Sample 1971-03-29".to_vec()).await;
    assert!(refused.is_err(), "{refused:?}");

    let exported = run("sync-server", &["export", "gaps", "remainder.json", "--data", "server"], folder, "");
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    let left = std::fs::read_to_string(folder.join("remainder.json")).expect("a file");
    assert!(found(&left).contains(&"m7731004"), "the very person has been through all of this: {left}");

    let server = serving.file("logged");
    assert!(server.lines().all(|line| line.starts_with('{')), "each line is JSON");
    // Nobody hears of migrations but whoever asks for more than the server says by itself.
    for expected in ["a device was enrolled", "refinery_core"] {
        assert!(server.contains(expected), "{expected}: {server}");
    }
    let tablet: Vec<String> = [&enrolled, &pulled, &pushed, &failed]
        .into_iter()
        .flat_map(|output| [text(&output.stderr), text(&output.stdout)])
        .collect();
    assert!(tablet[0].contains("TRACE"), "all is logged: {}", tablet[0]);
    let all = [("imports", logged), ("server", server), ("server", serving.file("said"))];
    let all = all.into_iter().chain(tablet.into_iter().map(|log| ("tablet", log)));
    for (name, log) in all.chain([("export", text(&exported.stderr)), ("export", text(&exported.stdout))]) {
        let lines: Vec<&str> = log.lines().filter(|line| !found(line).is_empty()).take(3).collect();
        assert!(lines.is_empty(), "{name}: {:?} in {lines:#?}", found(&log));
    }
}

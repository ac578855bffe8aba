//! Files of every released version open with this build, with all that was in them. With `CARAVAN_FREEZE=1` missing
//! fixtures are written; one that exists is never written again.

use crate::stories::{named, person, save, shown, sync_at};
use app::store::{LogReads, MetaReads};
use shared::ids::Sequence;
use std::fs;
use std::path::{Path, PathBuf};
use tests::plain::{self, FIRST_DEVICE};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

async fn serve(folder: &Path) -> sync_server::RunningServer {
    plain::serve(folder, 2, ([127, 0, 0, 1], 0).into()).await.expect("a server")
}

/// One device that delivered one change and holds back another, and its server.
async fn freeze(folder: &Path) {
    let server = serve(&folder.join("server-v1")).await;
    let key = plain::server_key(&server);
    fs::create_dir_all(folder.join("device-v1")).expect("a folder");
    let path = folder.join("device-v1/records.db");
    let device = || plain::device(&path, FIRST_DEVICE, Some(key)).expect("a device");
    save(&mut device(), person(1), named("Delivered Sample"));
    let report = sync_at(device(), &format!("http://{}", server.address), FIRST_DEVICE).await;
    assert!(report.settled_at.is_some());
    save(&mut device(), person(2), named("Undelivered Sample"));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_and_a_server_of_v1_open_and_go_on_where_they_stood() {
    let fixtures = fixture("v1");
    if !fixtures.exists() && std::env::var_os("CARAVAN_FREEZE").is_some() {
        freeze(&fixtures).await;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["server-v1", "device-v1"] {
        copy_folder(&fixtures.join(name), &folder.path().join(name));
    }
    opens_and_goes_on(folder.path()).await;
}

/// The frozen files, brought to every schema between theirs and this build's.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_and_a_server_of_every_schema_since_open_and_go_on_where_they_stood() {
    for (device, server) in [(2, 1), (2, 2), (1, 3), (2, 3)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["server-v1", "device-v1"] {
            copy_folder(&fixture("v1").join(name), &folder.path().join(name));
        }
        let key =
            format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;", "03".repeat(32));
        let file = folder.path().join("device-v1/records.db");
        bring_to(&file, &key, device_schema::migrations::runner(), device);
        let data = folder.path().join("server-v1");
        let key = fs::read_to_string(data.join("database.key")).expect("the server's key");
        let key = format!("PRAGMA key = \"x'{}'\";", key.trim());
        bring_to(&data.join("caravan.db"), &key, server_schema::migrations::runner(), server);
        opens_and_goes_on(folder.path()).await;
    }
}

mod device_schema {
    refinery::embed_migrations!("../app/src/store/migrations");
}

mod server_schema {
    refinery::embed_migrations!("../sync-server/src/store/sqlite/migrations");
}

/// As a build of that schema would have left it.
fn bring_to(file: &Path, key: &str, runner: refinery::Runner, schema: i32) {
    let mut connection = rusqlite::Connection::open(file).expect("a file");
    connection.execute_batch(key).expect("a key");
    let stands_at = |connection: &rusqlite::Connection| -> i32 {
        let newest = "SELECT max(version) FROM refinery_schema_history";
        connection.query_row(newest, [], |row| row.get(0)).expect("a schema")
    };
    assert_eq!(stands_at(&connection), 1, "{}: frozen at the first schema", file.display());
    let target = refinery::Target::Version(schema);
    runner.set_grouped(true).set_target(target).run(&mut connection).expect("migrated");
    assert_eq!(stands_at(&connection), schema, "{}", file.display());
}

async fn opens_and_goes_on(folder: &Path) {
    let server = serve(&folder.join("server-v1")).await;
    let key = plain::server_key(&server);
    let path = folder.join("device-v1/records.db");
    let device = || plain::device(&path, FIRST_DEVICE, Some(key)).expect("a device of v1 opens");
    assert_eq!(shown(&device(), person(1)).given_name.as_deref(), Some("Delivered Sample"));
    assert_eq!(device().find_people("undelivered", 5).expect("searched").len(), 1);
    assert_eq!(device().acknowledged().expect("read"), Sequence(1));
    assert_eq!(device().log_head().expect("read").map(|head| head.sequence), Some(Sequence(2)));
    let base = format!("http://{}", server.address);
    let report = sync_at(device(), &base, FIRST_DEVICE).await;
    assert_eq!((report.log.acknowledged, report.settled_at.is_some()), (Sequence(2), true), "{report:?}");
    server.shutdown().await;
}

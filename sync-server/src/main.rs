//! The program `sync-server`: reads the command line, does what it says, tells how it went by its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(sync_server::cli::main(std::env::args_os())),
        Err(error) => {
            eprintln!("sync-server: no runtime: {error}");
            ExitCode::FAILURE
        }
    }
}

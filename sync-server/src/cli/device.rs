//! `device enrol`, `device list`, `device revoke`, `device wipe`, `device give-up`, `device extend`.

use super::Outcome;
use crate::device;
use crate::server;
use crate::settings::Settings;
use crate::store::{DeviceRow, DeviceStatus};
use clap::Subcommand;
use shared::ids::DeviceNumber;
use shared::time::Timestamp;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(super) enum DeviceVerb {
    /// Make a code that works once, for ten minutes
    Enrol {
        /// Code of the van
        #[arg(long)]
        van: String,
        /// Code of the member of staff who chooses the first PIN on the tablet
        #[arg(long)]
        staff: String,
        /// Name and port by which the tablet reaches this server
        #[arg(long)]
        server: String,
    },
    /// One line a device
    List,
    /// Shut a device out from its next request on
    Revoke { number: u32 },
    /// Revoke a device and have it erase itself at its next contact, after it delivered what it holds
    Wipe { number: u32 },
    /// Await nothing more from a revoked device: what others wrote over changes that only it held is merged
    GiveUp { number: u32 },
    /// Let a certificate that ended, or soon will, work for some days more; the device then fetches its next one
    Extend {
        number: u32,
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=90))]
        days: u16,
    },
}

pub(super) async fn run(settings: &Settings, verb: DeviceVerb) -> Outcome {
    let service = server::open(settings)?;
    match verb {
        DeviceVerb::Enrol { van, staff, server } => {
            println!("{}", device::make_code(&service, &van, &staff, &server).await?);
        }
        DeviceVerb::List => {
            for row in device::list(&service).await? {
                println!("{}", line(&row));
            }
        }
        DeviceVerb::Revoke { number } => {
            device::revoke(&service, DeviceNumber(number)).await?;
            println!("device {number} is revoked");
        }
        DeviceVerb::Wipe { number } => {
            device::wipe(&service, DeviceNumber(number)).await?;
            println!(
                "device {number} is revoked; at its next contact it delivers what it holds and erases itself"
            );
        }
        DeviceVerb::GiveUp { number } => {
            device::give_up(&service, DeviceNumber(number)).await?;
            println!("nothing more is awaited from device {number}");
        }
        DeviceVerb::Extend { number, days } => {
            let until = device::extend(&service, DeviceNumber(number), days).await?;
            println!("the certificate of device {number} works until {} at least", moment(until));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn moment(at: Timestamp) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(at.milliseconds());
    moment.map_or_else(|| "?".to_owned(), |moment| moment.format("%Y-%m-%d %H:%M:%SZ").to_string())
}

fn line(device: &DeviceRow) -> String {
    let status = match device.status {
        DeviceStatus::Active => "active",
        DeviceStatus::Retired => "must enrol anew",
        DeviceStatus::Revoked if device.wipe_told_at.is_some() => "told to erase",
        DeviceStatus::Revoked if device.wipe_ordered_at.is_some() => "is to erase",
        DeviceStatus::Revoked => "revoked",
    };
    let seen = device.last_seen_at.map_or_else(|| "never".to_owned(), moment);
    let offset_s = device.clock_offset_ms.unwrap_or_default() / 1000;
    format!(
        "{:>4}  {:16}  {:24}  last seen {seen}  clock {offset_s:+} s  certificate until {}  {}",
        device.number.0,
        status,
        device.label,
        moment(device.certificate_expires_at),
        device.app_version.as_deref().unwrap_or("")
    )
}

//! What this tablet's crew chose for its screens: language, colours, text size, how soon it locks. Kept in plain text,
//! because the sign-in screen needs it before any key is there. Never anything about a person.

use super::folder::DataFolder;
use serde::{Deserialize, Serialize};
use shared::content::Language;
use std::fs;

/// Seconds without a touch after which the screen locks.
const LOCK_AFTER_SECONDS: u64 = 120;

/// The colours of the screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colors {
    #[default]
    Light,
    Dark,
    /// Black on white, for bright sun.
    Glare,
}

/// One tablet's choices. What a newer build added is left at its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    pub language: Language,
    pub colors: Colors,
    /// 100, 125 or 150.
    pub text_percent: u16,
    pub lock_after_seconds: u64,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: Language::English,
            colors: Colors::Light,
            text_percent: 100,
            lock_after_seconds: LOCK_AFTER_SECONDS,
        }
    }
}

impl Preferences {
    /// What was chosen; the defaults where nothing was, or where the file cannot be read.
    pub fn load(folder: &DataFolder) -> Preferences {
        let file = fs::read(folder.preferences()).unwrap_or_default();
        serde_json::from_slice(&file).unwrap_or_default()
    }

    /// Keeps the choices. A power cut leaves either the old file or the new one.
    pub fn save(&self, folder: &DataFolder) -> std::io::Result<()> {
        let json = serde_json::to_vec_pretty(self).expect("preferences are plain text");
        let part = folder.preferences().with_extension("part");
        fs::write(&part, json)?;
        fs::rename(&part, folder.preferences())
    }
}

//! Bytes as people copy them. Never where bytes can travel as bytes.

pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `LENGTH` bytes, or nothing.
pub fn decode<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let text = text.trim();
    if text.len() != LENGTH * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[position * 2..position * 2 + 2], 16).ok()?;
    }
    Some(bytes)
}

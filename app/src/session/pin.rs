//! PINs: six digits or more, and not one that everybody tries first.

use zeroize::Zeroizing;

/// A PIN that passed the rules. Never shown, never logged.
#[derive(Clone)]
pub struct Pin(Zeroizing<String>);

/// Why a PIN is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    #[error("a PIN has six to twelve digits")]
    Length,
    #[error("a PIN has only digits")]
    NotDigits,
    #[error("this PIN is too easy to guess")]
    TooCommon,
}

const DIGITS_MIN: usize = 6;
const DIGITS_MAX: usize = 12;

/// Published lists of leaked PINs agree on these beyond runs and repetitions.
const COMMON: &[&str] = &[
    "123123", "696969", "159753", "147258", "789456", "101010", "202020", "112233", "121212", "123321",
    "520520", "131313", "142536", "010203", "102030",
];

fn is_run(digits: &[u8]) -> bool {
    let steps: Vec<i16> = digits.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
    [-1, 0, 1].iter().any(|step| steps.iter().all(|found| found == step))
}

impl Pin {
    pub fn choose(typed: &str) -> Result<Pin, PinError> {
        if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PinError::NotDigits);
        }
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&typed.len()) {
            return Err(PinError::Length);
        }
        if is_run(typed.as_bytes()) || COMMON.contains(&typed) {
            return Err(PinError::TooCommon);
        }
        Ok(Pin(Zeroizing::new(typed.to_owned())))
    }

    /// A PIN as typed at sign-in: whatever it is, only the wrap decides.
    pub fn typed(typed: &str) -> Pin {
        Pin(Zeroizing::new(typed.chars().take(64).collect()))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

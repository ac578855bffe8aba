//! Whether a row's quotation marks come in pairs. The CSV reader forgives all, and a mark that somebody forgot to
//! close then swallows the rows that follow without a word.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Paired,
    /// The last cell runs to the end of the file.
    NeverClosed,
    /// Text follows a closing mark: it, or one before it, was not meant.
    Stray,
}

/// Looks at one row's bytes. Marks in the midst of a cell that does not begin with one are plain text.
pub(super) fn quotes(raw: &[u8], separator: u8) -> Quotes {
    let mut bytes = raw.iter().copied().peekable();
    let (mut is_quoted, mut at_start) = (false, true);
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if is_quoted && bytes.peek() == Some(&b'"') => drop(bytes.next()),
            b'"' if is_quoted => {
                is_quoted = false;
                let ends_cell = |next: &u8| *next == separator || matches!(next, b'\n' | b'\r');
                if !bytes.peek().is_none_or(ends_cell) {
                    return Quotes::Stray;
                }
            }
            b'"' if at_start => is_quoted = true,
            _ => {}
        }
        at_start = !is_quoted && byte == separator;
    }
    if is_quoted { Quotes::NeverClosed } else { Quotes::Paired }
}

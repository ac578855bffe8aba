//! How large anything on the wire may be, for both ends. A request over a limit is refused with its name.

/// A request's body as it comes from the wire.
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// A push's body after decompression.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What a device aims for before compression: near 200 KiB on the wire, and within a request where nothing of it can be
/// compressed.
pub const BATCH_BYTES_AIM: usize = 960 * 1024;
/// One change: a visit with its signature and every answer fits many times over.
pub const CHANGE_BYTES_MAX: usize = 512 * 1024;
pub const CHANGES_A_BATCH_MAX: usize = 8_192;
/// A page of a pull before compression: what the server aims for, and what a device accepts.
pub const PAGE_BYTES_AIM: usize = 1024 * 1024;
pub const PAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
pub const CURSOR_BYTES_MAX: usize = 16 * 1024;
/// Rejections told in one page; the rest follow with the next.
pub const REJECTIONS_A_PAGE_MAX: usize = 256;

//! The house font as the window's last resort: what a text is drawn in when it names no font that is there.
//! Never chooses a size or a weight.

use slint::fontique_011::{fontique::GenericFamily, shared_collection};

/// The family that `ui/main.slint` imports and `ui/tokens/metric.slint` names.
const HOUSE: &str = "Atkinson Hyperlegible Next";

/// Slint measures a text that does not stand in the window yet, as under an `if`, in the machine's own font, and a
/// machine may have none. The house font takes that place, so a text is measured as it will be drawn.
///
/// Call it once the window is made: making it registers the imported fonts.
pub fn stand_in() {
    let mut collection = shared_collection();
    let house = collection.family_id(HOUSE).expect("the window imports the house font");
    for generic in [GenericFamily::SansSerif, GenericFamily::SystemUi] {
        collection.set_generic_families(generic, std::iter::once(house));
    }
}

//! The questionnaires embedded in the program.
//! Never one of a region or a partner, which arrives as a file and is read by `Questionnaire::parse`.

use std::sync::OnceLock;

use super::{Questionnaire, parse_scoring};

/// The canonical address of our questionnaires, before the id. `.invalid` belongs to nobody (RFC 2606): a
/// plan that publishes them puts its own address in the files.
pub const CANONICAL_BASE: &str = "https://caravan.invalid/fhir/Questionnaire/";

const FILES: [&str; 9] = [
    include_str!("../../../content/core/questionnaires/phq-2.json"),
    include_str!("../../../content/core/questionnaires/phq-9.json"),
    include_str!("../../../content/core/questionnaires/gad-7.json"),
    include_str!("../../../content/core/questionnaires/audit-c.json"),
    include_str!("../../../content/core/questionnaires/tobacco-status.json"),
    include_str!("../../../content/core/questionnaires/hunger-vital-sign.json"),
    include_str!("../../../content/core/questionnaires/ahc-hrsn-core.json"),
    include_str!("../../../content/core/questionnaires/ahc-hrsn-supplemental.json"),
    include_str!("../../../content/core/questionnaires/visit-satisfaction.json"),
];

/// Every embedded questionnaire, in the order in which a chooser lists them.
pub fn all() -> &'static [Questionnaire] {
    static ALL: OnceLock<Vec<Questionnaire>> = OnceLock::new();
    ALL.get_or_init(|| {
        let (mut instruments, faults) =
            parse_scoring(include_str!("../../../content/core/questionnaires/scoring.json"));
        assert!(faults.is_empty(), "{faults:?}");
        let parse = |file: &&str| {
            let form = Questionnaire::parse(file).expect("every embedded file is parsed by a test");
            match instruments.iter().position(|instrument| Some(instrument.id.as_str()) == form.id()) {
                Some(at) => form
                    .scored_by(instruments.swap_remove(at))
                    .expect("every embedded rule is checked by a test"),
                None => form,
            }
        };
        FILES.iter().map(parse).collect()
    })
}

/// The embedded questionnaire of an id, such as `phq-2`.
pub fn by_id(id: &str) -> Option<&'static Questionnaire> {
    all().iter().find(|questionnaire| questionnaire.id() == Some(id))
}

/// The embedded questionnaire of a canonical address. With a `|version` behind it, only that version.
pub fn by_url(canonical: &str) -> Option<&'static Questionnaire> {
    let (url, version) =
        canonical.split_once('|').map_or((canonical, None), |(url, version)| (url, Some(version)));
    all().iter().find(|questionnaire| {
        questionnaire.url == url && version.is_none_or(|version| questionnaire.version == version)
    })
}

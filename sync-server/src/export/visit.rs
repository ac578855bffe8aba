//! One visit as a FHIR R4 transaction bundle, for the plan's record system or for a community partner. The person's
//! consent in force decides, and a field with two values goes nowhere until somebody settles it.

use super::people::People;
use crate::holdings;
use crate::packs;
use crate::service::Service;
use crate::store::{StoreError, StoreResult};
use shared::change::Bucket;
use shared::content::pack::{Content, embedded};
use shared::domain::account::Membership;
use shared::domain::care_gap::CareGap;
use shared::domain::consent::{Consent, Recipient};
use shared::domain::duplicates::SamePerson;
use shared::domain::fee::Charge;
use shared::domain::past_care::PastCare;
use shared::domain::person::Person;
use shared::domain::record_kind;
use shared::domain::screening::{Observation, QuestionnaireResponse};
use shared::domain::task::Task;
use shared::domain::visit::Visit;
use shared::fhir::{self, Unwritable, VisitRecord};
use shared::ids::{RecordId, VisitId};
use shared::merge::conflicts;

/// Why no file was written. None of it names a person.
#[derive(Debug, thiserror::Error)]
pub enum VisitExportError {
    #[error("there is no visit {0}, or nobody it is of")]
    NoVisit(VisitId),
    /// Whoever met the person must ask.
    #[error("the person does not agree to this: {} must be agreed to", needed(*.0))]
    NoConsent(Recipient),
    /// An operator must settle them.
    #[error("{} fields of the visit have two values; see `conflicts list` for record {}", .count, .record)]
    Unsettled { record: RecordId, count: usize },
    /// A defect of ours or of a device: the record keeps what FHIR has no place for.
    #[error("the visit has no place in FHIR as it is:{}", lines(.0))]
    Unwritable(Vec<Unwritable>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn needed(recipient: Recipient) -> &'static str {
    match recipient {
        Recipient::RecordSystem => "care",
        Recipient::Partner => "care and sharing with partners",
    }
}

fn lines(problems: &[Unwritable]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

/// A bundle with how many facts are in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitExport {
    pub bundle: String,
    pub facts: usize,
}

/// The bundle of a visit, for a recipient that the person agrees to.
pub async fn visit(
    service: &Service,
    id: VisitId,
    recipient: Recipient,
) -> Result<VisitExport, VisitExportError> {
    let kinds = [
        Person::KIND,
        Membership::KIND,
        Visit::KIND,
        CareGap::KIND,
        Task::KIND,
        Observation::KIND,
        QuestionnaireResponse::KIND,
        Consent::KIND,
        Charge::KIND,
        PastCare::KIND,
        SamePerson::KIND,
    ];
    let held =
        holdings::read(service, |bucket| matches!(bucket, Bucket::Site(_)), &kinds.map(|kind| kind.number))
            .await?;
    let record = VisitRecord::gather(id, &held.records, &held.facts).ok_or(VisitExportError::NoVisit(id))?;
    let people = People::of(&held);
    if !people.consent(record.person_id).is_some_and(|consent| consent.allows(recipient)) {
        return Err(VisitExportError::NoConsent(recipient));
    }
    let entries = people.entries(record.person_id).into_iter().map(RecordId::from);
    for record in records_of(&record).into_iter().chain(entries) {
        let Some(state) = held.records.get(&record) else { continue };
        let count = record_kind(state.kind).map_or(0, |kind| conflicts(kind, state).len());
        if count > 0 {
            return Err(VisitExportError::Unsettled { record, count });
        }
    }
    let releases = releases(service).await?;
    let content: Vec<&Content> = releases.iter().chain([embedded()]).collect();
    let record = match recipient {
        Recipient::RecordSystem => record,
        Recipient::Partner => record.for_partner(&content),
    };
    let bundle = fhir::write(&record, &content).map_err(VisitExportError::Unwritable)?;
    Ok(VisitExport { bundle, facts: record.facts.len() })
}

/// Every record whose fields are written.
fn records_of(record: &VisitRecord) -> Vec<RecordId> {
    let mut ids: Vec<RecordId> = vec![record.visit_id.into(), record.person_id.into()];
    ids.extend(record.memberships.iter().map(|(id, _)| RecordId::from(*id)));
    ids.extend(record.gaps.iter().map(|(id, _)| RecordId::from(*id)));
    ids.extend(record.tasks.iter().map(|(id, _)| RecordId::from(*id)));
    ids
}

/// Every release that something may have been asked under, the newest first. One that does not open is passed over, as
/// devices do.
async fn releases(service: &Service) -> StoreResult<Vec<Content>> {
    let held = packs::held(service).await?;
    let key = service.keys.signing.verifying_key();
    let opened = held.releases.iter().filter_map(|release| held.open(release, &key).ok());
    Ok(opened.map(|release| release.content).collect())
}

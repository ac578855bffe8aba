//! What a person agreed to: Consent, one resource a decision. The newest one is active, also where it withdraws, because
//! then its refusal is what is in force; every earlier one is inactive. Never whether something may be sent.

use super::elements::{self, ACT_CODE, FACT, LOINC, STAFF, concept, extension, list, object};
use super::node::Node;
use super::reading::{Found, parts};
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, amends_extension, own_identifier};
use crate::content::consent::Scope;
use crate::domain::consent::{Consent, ConsentMethod};
use crate::ids::{FactId, StaffId};
use uuid::Uuid;

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const OUR_SCOPE: &str = "https://caravan.invalid/fhir/CodeSystem/consent-scope";
const PURPOSE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
/// LOINC: consent document.
const DOCUMENT: &str = "59284-0";

/// The published purpose of use that is nearest to a scope.
fn purpose(scope: Scope) -> &'static str {
    match scope {
        Scope::Care => "TREAT",
        Scope::ShareWithPartners => "COC",
        Scope::OutreachCall | Scope::OutreachText | Scope::OutreachMail => "CAREMGT",
        Scope::Research => "HRESCH",
    }
}

fn answer(consent: &mut Consent, scope: Scope) -> &mut Option<bool> {
    match scope {
        Scope::Care => &mut consent.care,
        Scope::ShareWithPartners => &mut consent.share_with_partners,
        Scope::OutreachCall => &mut consent.outreach_call,
        Scope::OutreachText => &mut consent.outreach_text,
        Scope::OutreachMail => &mut consent.outreach_mail,
        Scope::Research => &mut consent.research,
    }
}

pub(super) fn write(out: &mut Writing<'_>) {
    let facts = out.facts_of(Consent::KIND.number);
    let newest = facts.iter().max_by_key(|fact| (fact.at, fact.id)).map(|fact| fact.id);
    for fact in facts {
        let mut consent = Consent::read(fact);
        let status = if Some(fact.id) == newest { "active" } else { "inactive" };
        let said = Scope::ALL.map(|scope| (scope, *answer(&mut consent, scope)));
        let agrees = said.iter().any(|(_, answer)| *answer == Some(true));
        let exceptions = said.iter().filter_map(|(scope, answer)| Some((*scope, (*answer)?)));
        let provision = |(scope, agrees): (Scope, bool)| {
            object([
                ("type", permit(agrees).into()),
                ("purpose", list([elements::coding(PURPOSE, purpose(scope), None)])),
                ("code", list([concept(OUR_SCOPE, scope.key())])),
            ])
        };
        let text = consent.text_version.as_ref().map(|version| format!("Consent text {version}"));
        let person = out.person();
        let visit = out.visit(consent.visit);
        let moment = out.moment(fact);
        out.put(
            "Consent",
            fact.id.uuid(),
            [
                ("language", consent.language.as_ref().into()),
                ("identifier", own_identifier(FACT, fact.id.uuid())),
                ("status", status.into()),
                ("scope", concept(SCOPE, "patient-privacy")),
                ("category", list([concept(LOINC, DOCUMENT), concept(ACT_CODE, "IDSCL")])),
                ("patient", person.clone()),
                ("dateTime", moment),
                ("performer", list([person])),
                (
                    "sourceAttachment",
                    object([("language", consent.language.as_ref().into()), ("title", text.into())]),
                ),
                ("policyRule", concept(ACT_CODE, if agrees { "OPTIN" } else { "OPTOUT" })),
                // Whatever was not agreed to is denied.
                (
                    "provision",
                    object([("type", "deny".into()), ("provision", list(exceptions.map(provision)))]),
                ),
                (
                    "extension",
                    list([
                        extension("visit", "valueReference", visit),
                        extension("consent-text", "valueString", consent.text_version.as_ref()),
                        extension("consent-outreach", "valueBoolean", consent.outreach),
                        extension("consent-method", "valueCode", consent.method.map(ConsentMethod::code)),
                        extension("consent-signature", "valueString", consent.signature.as_ref()),
                        extension(
                            "consent-witness",
                            "valueReference",
                            STAFF.elsewhere(consent.witness.map(StaffId::uuid)),
                        ),
                        amends_extension(fact),
                    ]),
                ),
            ],
        );
    }
}

fn permit(agrees: bool) -> &'static str {
    if agrees { "permit" } else { "deny" }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let parts = parts(node, "patient", "visit")?;
    if !matches!(node.text("status")?, Some("active" | "inactive")) {
        return Err(node.refuse("status", Reason::NotThis("active".to_owned())));
    }
    if node.code("scope", SCOPE)? != Some("patient-privacy") {
        return Err(node.refuse("scope", Reason::NotThis("patient-privacy".to_owned())));
    }
    let at = node.need("dateTime", node.moment("dateTime")?)?;
    let method = node.extension_text("consent-method", "valueCode")?;
    let mut consent = Consent {
        visit: parts.visit,
        text_version: node.extension_text("consent-text", "valueString")?,
        language: node.string("language")?,
        method: node.known("extension", method, ConsentMethod::from_code)?,
        signature: node.extension_text("consent-signature", "valueString")?,
        witness: node.extension_reference("consent-witness", STAFF)?.map(StaffId::from_uuid),
        outreach: node.extension_flag("consent-outreach")?,
        ..Consent::default()
    };
    let outer = node.need("provision", node.object("provision")?)?;
    outer.fixed("type", "deny")?;
    for inner in outer.list("provision")? {
        // A narrower permission than ours would be read as a wider one.
        inner.without(&[
            "period",
            "actor",
            "action",
            "securityLabel",
            "class",
            "dataPeriod",
            "data",
            "provision",
        ])?;
        let concept = inner.need("code", inner.only("code")?)?;
        let key = concept.code_here(OUR_SCOPE)?;
        let scope = concept.known("coding.code", Some(key), Scope::from_key)?;
        let agrees = match inner.text("type")? {
            Some("permit") => true,
            Some("deny") => false,
            _ => return Err(inner.refuse("type", Reason::NotThis("permit".to_owned()))),
        };
        if scope.and_then(|scope| answer(&mut consent, scope).replace(agrees)).is_some() {
            return Err(inner.refuse("code", Reason::Twice));
        }
    }
    let agrees = Scope::ALL.into_iter().any(|scope| *answer(&mut consent, scope) == Some(true));
    if node.code("policyRule", ACT_CODE)? != Some(if agrees { "OPTIN" } else { "OPTOUT" }) {
        return Err(node.refuse("policyRule", Reason::Contradicts("the provisions".to_owned())));
    }
    found.fact(node, consent.fact(FactId::from_uuid(id), parts.person.into(), at, parts.amends))
}

//! Finding a person by anything that somebody says: parts of names, how they sound, a birth date, a badge or a
//! telephone. A store keeps a `SearchRow` a person in a full-text index, fetches candidates for a `Query`, and
//! `rank` orders them and says why each was found.

use crate::domain::names::{fold, phone_digits, same_given_name_forms, sound_of_folded};
use crate::domain::person::Person;

/// What the index holds of one person: words parted by spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRow {
    /// Folded parts of the name.
    pub names: String,
    /// How each part sounds.
    pub sounds: String,
    /// Birth date as `1975`, `197504`, `19750423`; badge; telephone; member number.
    pub numbers: String,
}

/// The index row of a person.
pub fn person_row(person: &Person) -> SearchRow {
    let parts = [&person.family_name, &person.given_name, &person.middle_name];
    let names = parts.into_iter().flatten().map(|part| fold(part)).collect::<Vec<_>>().join(" ");
    let sounds =
        names.split(' ').map(sound_of_folded).filter(|code| !code.is_empty()).collect::<Vec<_>>().join(" ");
    let mut numbers = Vec::new();
    if let Some(date) = person.birth_date {
        let digits: String = date.to_string().chars().filter(char::is_ascii_digit).collect();
        numbers.extend([4, 6, 8].into_iter().filter_map(|length| digits.get(..length).map(str::to_owned)));
    }
    numbers.extend(person.employee_number.as_deref().map(|number| fold(number).replace(' ', "")));
    numbers.extend(person.phone.as_deref().map(phone_digits));
    numbers.retain(|number| !number.is_empty());
    SearchRow { names, sounds, numbers: numbers.join(" ") }
}

/// What somebody typed, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Folded words; the last may be half typed.
    pub words: Vec<String>,
    /// How each word sounds; empty when it has no sound worth comparing.
    pub sounds: Vec<String>,
    /// Other forms of each word, where it is a given name.
    pub forms: Vec<Vec<&'static str>>,
    /// Groups with digits, without their punctuation.
    pub numbers: Vec<String>,
}

const WORDS_MAX: usize = 8;

impl Query {
    /// Never fails: rubbish finds nothing.
    pub fn parse(typed: &str) -> Query {
        let mut query = Query::default();
        let typed: String = typed.chars().take(200).collect();
        for group in typed.split([' ', ',', ';', '\t']).filter(|group| !group.is_empty()) {
            if group.chars().any(|character| character.is_ascii_digit()) {
                let number = match us_date(group) {
                    Some(date) => date,
                    None => fold(group).replace(' ', ""),
                };
                query.numbers.push(number);
            } else {
                query.words.extend(fold(group).split(' ').filter(|word| !word.is_empty()).map(str::to_owned));
            }
        }
        query.words.truncate(WORDS_MAX);
        query.numbers.truncate(WORDS_MAX);
        query.sounds = query.words.iter().map(|word| sound_of_folded(word)).collect();
        query.forms = query.words.iter().map(|word| same_given_name_forms(word).collect()).collect();
        query
    }
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.numbers.is_empty()
    }
}

/// `4/23/1975` as people write it here; month first.
fn us_date(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split('/').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [month @ 1..=12, day @ 1..=31, year @ 1000..=9999] => Some(format!("{year:04}{month:02}{day:02}")),
        _ => None,
    }
}

/// Why a person was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyFound {
    Name,
    NameBegins,
    Number,
    ShortForm,
    SoundsLike,
    Misspelt,
}

/// How well a person fits: a higher score is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub score: f32,
    pub why: WhyFound,
}

/// How well a candidate fits what was typed, or nothing when a typed word fits nowhere.
pub fn rank(query: &Query, row: &SearchRow) -> Option<Match> {
    let names: Vec<&str> = row.names.split(' ').collect();
    let sounds: Vec<&str> = row.sounds.split(' ').collect();
    let mut found: Option<Match> = None;
    let mut take = |part: Match| {
        let (score, why) = found.map_or((0.0, part.why), |sum: Match| (sum.score, sum.why.max(part.why)));
        found = Some(Match { score: score + part.score, why });
    };
    for ((word, sound), forms) in query.words.iter().zip(&query.sounds).zip(&query.forms) {
        take(rank_word(word, sound, forms, &names, &sounds)?);
    }
    for number in &query.numbers {
        let exact = row.numbers.split(' ').any(|known| known == number);
        let begins = row
            .numbers
            .split(' ')
            .any(|known| known.starts_with(number.as_str()) || known.ends_with(number.as_str()));
        match (exact, begins) {
            (true, _) => take(Match { score: 5.0, why: WhyFound::Number }),
            (_, true) => take(Match { score: 3.0, why: WhyFound::Number }),
            _ => return None,
        }
    }
    found
}

fn rank_word(word: &str, code: &str, forms: &[&str], names: &[&str], sounds: &[&str]) -> Option<Match> {
    if names.contains(&word) {
        return Some(Match { score: 4.0, why: WhyFound::Name });
    }
    if let Some(name) = names.iter().find(|name| name.starts_with(word)) {
        let share = word.len() as f32 / name.len() as f32;
        return Some(Match { score: 2.0 + share, why: WhyFound::NameBegins });
    }
    if names.iter().any(|name| forms.contains(name)) {
        return Some(Match { score: 2.2, why: WhyFound::ShortForm });
    }
    if code.len() > 1 && sounds.contains(&code) {
        return Some(Match { score: 1.8, why: WhyFound::SoundsLike });
    }
    let best = names.iter().map(|name| strsim::jaro_winkler(name, word)).fold(0.0, f64::max);
    (best >= 0.84).then_some(Match { score: best as f32 * 1.5, why: WhyFound::Misspelt })
}

//! How names, dates and numbers are compared: accents folded, sounds coded, digits kept. Pure text in, text out.

use rphonetic::{DoubleMetaphone, Encoder};

/// Lower case without accents; anything that is neither letter nor digit parts words.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match fold_letter(character) {
            "" if character.is_alphanumeric() => folded.push(character),
            "" if is_combining(character) || matches!(character, '\'' | '’') => {}
            "" => {
                if !folded.ends_with(' ') && !folded.is_empty() {
                    folded.push(' ');
                }
            }
            letters => folded.push_str(letters),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

fn is_combining(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

/// Base letters of the Latin letters with marks that names in the Americas and Europe have.
fn fold_letter(character: char) -> &'static str {
    match character {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'é' | 'è' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' => "t",
        'ú' | 'ù' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => "",
    }
}

/// How a word sounds, by Double Metaphone; empty when it has no letters.
pub fn sound(word: &str) -> String {
    sound_of_folded(&fold(word))
}

/// The same of a word that is folded already.
pub fn sound_of_folded(word: &str) -> String {
    let letters: String = word.chars().filter(char::is_ascii_lowercase).take(64).collect();
    DoubleMetaphone::new(Some(8)).encode(&letters)
}

/// Only the digits, the last ten of a North American number.
pub fn phone_digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 11 && digits.starts_with('1') { digits[1..].to_owned() } else { digits }
}

/// Short and full forms of the same given name, folded. Common English and Spanish ones.
const NICKNAMES: &[&[&str]] = &[
    &["robert", "bob", "rob", "bobby", "roberto", "beto"],
    &["william", "bill", "will", "billy", "guillermo", "memo"],
    &["james", "jim", "jimmy", "jaime", "santiago"],
    &["joseph", "joe", "jose", "pepe"],
    &["francisco", "francis", "frank", "paco", "pancho"],
    &["maria", "mary", "mari", "marie"],
    &["elizabeth", "liz", "beth", "betty", "isabel", "elisabeth"],
    &["margaret", "maggie", "peggy", "margarita"],
    &["michael", "mike", "miguel", "mick"],
    &["richard", "rick", "dick", "ricardo", "richie"],
    &["thomas", "tom", "tommy", "tomas"],
    &["charles", "charlie", "chuck", "carlos"],
    &["katherine", "kate", "kathy", "catherine", "catalina", "katie"],
    &["anthony", "tony", "antonio", "tono"],
    &["alexander", "alex", "alejandro", "sandy"],
    &["daniel", "dan", "danny"],
    &["david", "dave"],
    &["edward", "ed", "eddie", "eduardo", "ted", "lalo"],
    &["guadalupe", "lupe", "lupita"],
    &["jesus", "chuy"],
    &["susan", "sue", "susana"],
    &["theresa", "teresa", "terry", "tere"],
    &["rosario", "charo", "rosa", "rose"],
    &["ignacio", "nacho"],
    &["dolores", "lola"],
    &["concepcion", "concha", "connie"],
    &["john", "jack", "juan", "johnny", "jon"],
    &["peter", "pete", "pedro"],
    &["steven", "steve", "stephen", "esteban"],
];

/// Other forms of a folded given name.
pub fn same_given_name_forms(name: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    NICKNAMES.iter().filter(move |forms| forms.contains(&name)).flat_map(|forms| forms.iter().copied())
}

/// Whether two folded given names are forms of one name.
pub fn same_given_name(left: &str, right: &str) -> bool {
    left == right || NICKNAMES.iter().any(|forms| forms.contains(&left) && forms.contains(&right))
}

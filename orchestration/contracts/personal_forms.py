"""The forms in which personal data is written, by kind, as regular expressions of RE2.

A form that is common elsewhere counts only beside a word that says what it is (`context`), as in the
recognisers of Microsoft's presidio; a form that is also written of something else has its exceptions
(`unless`). RE2 has no look-ahead, so both are conditions beside the pattern.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.contracts.given_names import GIVEN_NAMES

# What may precede a number: not a letter or digit, and not a point after a digit (decimals).
_BEFORE = r"(?:^|[^0-9A-Za-z.]|[^0-9][.])"
_START = r"(?:^|[^0-9A-Za-z])"
# What may follow one. It consumes nothing, so that the next number may follow immediately.
_AFTER = r"(?:\b|_)"
_SPACE = r"[ \t\x{A0}]"
_NO = r"(?:[ -]?(?:id|no|nos|num|number|ref|reference))?[ :.,#=-]*(?:(?:is|was)[ :]+)?"


@dataclass(frozen=True)
class Form:
    """One form: `pattern` captures what was written, once.

    `unless`: what was captured is something else where this matches. `without`: is removed from the
    text first. `context`: the text must hold
    this too. `alone`: only for a text that is nothing else, which the scanner judges by share
    (see `protection.scanner`). `checked`: the digits must pass the check of NHS numbers.
    """

    pattern: str
    unless: str = ""
    without: str = ""
    context: str = ""
    alone: bool = False
    checked: bool = False


# --- e-mail, places -------------------------------------------------------------------------------

EMAIL = (
    Form(r"([^\s@]+@[^\s@]+[.][^\s@]+)"),
    Form(
        rf"(?i){_START}([a-z0-9._-]+ ?(?:[(]at[)]|\[at\]| at ) ?[a-z0-9-]+ ?"
        r"(?:[(]dot[)]|\[dot\]| dot ) ?[a-z]{2,})"
    ),
)
# Royal Mail's postcode areas with those of the islands; `MP3` and `CD1` are none.
_AREAS = (
    "AB|AL|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|B|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|"
    "EC|EH|EN|EX|E|FK|FY|GL|GU|GY|G|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|"
    "LN|LS|LU|L|ME|MK|ML|M|NE|NG|NN|NP|NR|NW|N|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|"
    "SO|SP|SR|SS|ST|SW|SY|S|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV|W|YO|ZE"
)
# The letters of the inward part leave out C, I, K, M, O and V (Royal Mail's postcode format).
POSTCODE = (
    Form(
        rf"(?i){_START}((?:(?:{_AREAS})[0-9][a-z0-9]?|gir)(?:{_SPACE}{{0,4}}|{_SPACE}?[-./_,]{_SPACE}?)"
        rf"[0-9][abd-hjlnp-uw-z]{{2}}){_AFTER}",
        # A road, a quarter or a ward with an ordinal or a number of hours (`A50 4th exit`), and a
        # telephone with its memory (`S8 4GB`).
        unless=rf"^[A-Z]{{1,2}}[0-9][A-Z0-9]?[ \t\x{{A0}}./,-]+[0-9](?:st|nd|rd|th|hr|yr)$"
        rf"|(?i)^s[0-9]{{1,2}}{_SPACE}+[0-9]+gb$",
    ),
)
_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
_ROAD = (
    "Road|Rd|Street|St|Lane|Ln|Close|Cl|Avenue|Ave|Av|Drive|Crescent|Cres|Court|Ct|Grove|Gr|Terrace|Ter|"
    "Way|Walk|Row|Place|Pl|Gardens|Gdns|Square|Sq|Mews|Rise|Parade|Croft|Fold|Brow|Chase"
)
_HOUSE_NUMBER = "[1-9][0-9]{0,2}[A-Ga-g]?"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
ADDRESS = (
    Form(
        rf"{_BEFORE}({_HOUSE_NUMBER},?{_SPACE}+(?:{_CAPITAL}[{_LETTER}'’.-]*{_SPACE}+){{1,3}}"
        rf"(?:{_ROAD}|(?i:{_ROAD.lower()}))){_AFTER}",
        unless=rf"^[0-9]+{_SPACE}+(?:{_MONTHS})\b",
    ),
    # In small letters beside a word that says that somebody lives there.
    Form(
        r"(?i)\b(?:liv(?:es?|ing)|resid(?:es?|ing)|home|house|address|flat|door|number|no[.]?|at|near|outside)[^0-9\n]{0,20}"
        rf"({_HOUSE_NUMBER},?{_SPACE}+(?:[{_LETTER}'’-]+{_SPACE}+){{1,2}}(?:{_ROAD})){_AFTER}"
    ),
    Form(rf"(?i)^\s*({_HOUSE_NUMBER},?{_SPACE}+[{_LETTER}'’-]+{_SPACE}+(?:{_ROAD}))[.]?\s*$"),
    Form(
        rf"\b((?i:flat|apartment|apt)[.]?{_SPACE}+{_HOUSE_NUMBER},?{_SPACE}+"
        rf"(?:[0-9]{{1,3}}{_SPACE}+)?{_CAPITAL}[{_LETTER}'’-]+)"
    ),
)
COORDINATES = (
    Form(
        rf"{_BEFORE}((?:49|5[0-9]|60)[.][0-9]{{3,}}°?{_SPACE}?[Nn]?[ ,;/]+-?{_SPACE}?[0-8][.][0-9]{{3,}})"
    ),
    Form(
        rf"(?:^|[^0-9A-Za-z.-])(-?[0-8][.][0-9]{{3,}}°?{_SPACE}?[EWew]?[ ,;/]+(?:49|5[0-9]|60)[.][0-9]{{3,}})"
    ),
    # A reference of the national grid, to ten metres or less.
    Form(rf"{_START}([HNST][A-HJ-Z]{_SPACE}?[0-9]{{4,5}}{_SPACE}[0-9]{{4,5}}){_AFTER}"),
    Form(
        rf"{_START}([HNST][A-HJ-Z]{_SPACE}?[0-9]{{8}}(?:[0-9]{{2}})?){_AFTER}",
        context=r"(?i)\b(?:grid|os|ngr|map|location|lat|long)\b",
    ),
    Form(
        r"(?i)\beasting[s]?[ :=]*([0-9]{6}(?:[.][0-9]+)?[ ,;/]+(?:and )?northing[s]?[ :=]*[0-9]{6,7})"
    ),
    Form(r"(5[0-9]°[ ]?[0-9]{1,2}['’′][^\n]{0,12}[0-8]°)"),
    Form(r"(///[a-z]{3,}[.][a-z]{3,}[.][a-z]{3,})"),
)
PROPERTY = (Form(rf"(?i)\bu[ds]?prn{_NO}([0-9](?:{_SPACE}?[0-9]){{5,11}}){_AFTER}"),)

# --- numbers of people ----------------------------------------------------------------------------

_BETWEEN = r"[ \x{A0}.-]"
_HEALTH = (
    r"(?i)(?:\bnhs|nhs\b|\bpatient|\bchi\b|\bhealth (?:no|number)|\bhospital (?:no|number)|\bmrn\b)"
)
NHS_NUMBER = (
    Form(
        rf"{_BEFORE}([0-9]{{3}}{_BETWEEN}{{1,2}}[0-9]{{3}}{_BETWEEN}{{1,2}}[0-9]{{4}}){_AFTER}",
        checked=True,
    ),
    Form(rf"(?i){_BEFORE}(?:nhs)?([0-9]{{10}}){_AFTER}", context=_HEALTH, checked=True),
    Form(r"^\s*([0-9]{10})\s*$", alone=True, checked=True),
)
# 03 (organisations), 08 and 09 (services) lead to no person: Ofcom, National Telephone Numbering Plan.
_SERVICE = r"^[^0-9]*(?:[+]?(?:00[ .-]?)?44[^0-9]*)?0?[^0-9]*[389]"
_CALL = (
    r"(?i)\b(?:tel(?:ephone|no)?|phoned?|mob(?:ile)?|cell|call(?:ed|s|ing)?|rang|ring|texts?|texted|"
    r"whatsapp|contact(?:ed)?|sms|number is)\b"
)
# A dialling code has at least three digits, so dates with hyphens do not match.
TELEPHONE = (
    Form(
        rf"{_BEFORE}((?:[+]{_SPACE}?44|00 ?44)[)]?[ .-]?(?:[(]0[)])?[ .-]?[1-9](?:[ .()-]{{0,2}}[0-9]){{8,9}}"
        rf"|(?:[(]?0|[(]0[)] ?)[1-9][0-9](?:[ .()-]{{0,2}}[0-9]){{7,8}}){_AFTER}",
        unless=_SERVICE,
    ),
    Form(rf"{_BEFORE}(07[1-9][0-9]{{2}}/[0-9]{{3}}{_SPACE}?[0-9]{{3}}){_AFTER}"),
    # A mobile number whose `+` or `0` was lost, as workbooks lose them.
    Form(rf"{_BEFORE}(44{_SPACE}?7[1-9](?:[ .-]?[0-9]){{8}}){_AFTER}"),
    Form(rf"{_BEFORE}(44{_SPACE}[12][0-9]{{2,4}}{_SPACE}[0-9]{{5,7}}){_AFTER}"),
    Form(
        rf"{_BEFORE}(7[1-9][0-9]{{2}}[ .-][0-9]{{6}}|7[1-9][0-9]{{2}}[ .-][0-9]{{3}}[ .-][0-9]{{3}}){_AFTER}"
    ),
    Form(rf"{_BEFORE}(7[1-9][0-9]{{8}}){_AFTER}", context=_CALL),
    Form(r"^\s*(7[1-9][0-9]{8})\s*$", alone=True),
)
# Letters and prefixes that are never issued: HMRC, National Insurance Manual, NIM39110.
_NEVER_ISSUED = "(?i)^(?:bg|gb|kn|nk|nt|tn|zz)"
_PREFIX = "[a-ceghj-prstw-z][a-ceghj-nprstw-z]"
NATIONAL_INSURANCE = (
    Form(
        rf"(?i){_START}({_PREFIX}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[a-d]){_AFTER}",
        unless=_NEVER_ISSUED,
    ),
    # Without its last letter: in the usual pairs, or where it is said what it is.
    Form(
        rf"{_START}({_PREFIX.upper()}{_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{2}}){_AFTER}",
        unless=_NEVER_ISSUED,
    ),
    Form(
        rf"(?i){_START}({_PREFIX}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}[ .-]?[0-9]{{2}}){_AFTER}",
        unless=_NEVER_ISSUED,
        context=r"(?i)\b(?:national insurance|ni(?:no)?(?: ?(?:no|number))?|nat(?:ional)? ?ins)\b",
    ),
)
# Words of three letters that end a registration only by chance (`TO24 AND`).
_WORDS = "AND|THE|FOR|PER|NOT|MEN|ALL|ARE|WAS|HAS|HAD|CAR|VAN|OUT|OFF|TWO|SIX|TEN|NEW|OLD|RED|DAY|HRS|MPH|END"
_VEHICLE = (
    r"(?i)\b(?:regs?|reg[.]?d|registrations?|vrm|vrn|index|plates?|number ?plates?|vehicles?|cars?|vans?|"
    r"taxi|lorry|moped|motorbike|driv(?:er|en|ing|es)|ford|bmw|audi|golf|corsa|fiesta|transit)\b"
)
# The DVLA's current form (2001), and older ones only where a vehicle is mentioned.
REGISTRATION = (
    Form(
        rf"{_START}([A-HJ-PR-Y]{{2}}(?:0[1-9]|[1-7][0-9])(?:{_SPACE}{{0,2}}|-)[A-HJ-PR-Z]{{3}}){_AFTER}",
        unless=rf"(?:{_WORDS})$",
    ),
    Form(
        rf"(?i){_START}([a-hj-pr-y]{{2}}{_SPACE}?(?:0[1-9]|[1-7][0-9])[ -]?[a-hj-pr-z]{{3}}){_AFTER}",
        unless=rf"(?i)(?:{_WORDS})$",
        context=_VEHICLE,
    ),
    Form(
        rf"{_START}([A-HJ-NPR-TV-Y][0-9]{{1,3}}{_SPACE}?[A-HJ-PR-Y]{{3}}"
        rf"|[A-HJ-PR-Y]{{3}}{_SPACE}?[0-9]{{1,3}}[A-HJ-NPR-TV-Y]|(?:[A-Z]{{2}}Z|[A-Z]I[A-Z]){_SPACE}?[0-9]{{1,4}}){_AFTER}",
        unless=rf"(?:{_WORDS})$|^(?:[A-Z]I[A-Z]|[A-Z]{{2}}Z){_SPACE}(?:19|20)[0-9]{{2}}$",
        context=_VEHICLE,
    ),
)
POLICE = (
    Form(rf"(?:^|[^0-9A-Za-z/.-])((?:19|20)?[0-9]{{2}}/[0-9]{{4,7}}[A-HJ-NP-RT-Z]){_AFTER}"),
    Form(rf"(?i)\bpnc(?:[ -]?id)?{_NO}((?:19|20)?[0-9]{{2}}[/ -]?[0-9]{{1,7}}[a-z]?){_AFTER}"),
    Form(rf"(?i)\bcro{_NO}((?:sf)?[0-9]{{1,6}}/[0-9]{{2}}[a-z]?){_AFTER}"),
    Form(
        rf"{_START}([A-Z][0-9]{{4}}[A-Z]{{2}}){_AFTER}",
        context=r"(?i)\b(?:prison|nom[i]?s|hmp|offender (?:no|number|id))\b",
    ),
)
DOCUMENT = (
    Form(rf"(?i){_START}([a-z]{{2}}[a-z9]{{3}}[0-9]{{6}}[a-z9]{{2}}[0-9][a-z]{{2}}){_AFTER}"),
    Form(rf"(?i)\bpassport{_NO}([a-z]?[0-9]{{8,9}}){_AFTER}"),
    Form(rf"(?i)\bsort ?code{_NO}([0-9]{{2}}[ -]?[0-9]{{2}}[ -]?[0-9]{{2}}){_AFTER}"),
    Form(rf"{_BEFORE}([3-6][0-9]{{3}}[ -][0-9]{{4}}[ -][0-9]{{4}}[ -][0-9]{{4}}){_AFTER}"),
)
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IP_ADDRESS = (
    # Four short numbers are a section or a version.
    Form(
        rf"(?:^|[^0-9A-Za-z.])({_OCTET}(?:[.]{_OCTET}){{3}})(?:$|[^0-9A-Za-z.]|[.](?:$|[^0-9]))",
        unless=r"^(?:[0-9][.]){3}[0-9]{1,2}$",
    ),
    Form(r"(?i)(?:^|[^0-9a-z:])((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})"),
    Form(r"(?i)(?:^|[^0-9a-z:])((?:[0-9a-f]{1,4}:){2,6}:[0-9a-f:]+)"),
)
_SOCIAL = (
    "instagram|insta|snapchat|snap|tiktok|tik tok|facebook|twitter|telegram|discord|whatsapp|kik|xbox|psn|"
    "roblox|reddit|youtube"
)
_BODY = r"(?i)police|council|nhs|gov|news|charity|trust|team|official|school|here$|all$|everyone$"
HANDLE = (
    Form(
        r"(?:^|[^0-9A-Za-z@])@([A-Za-z0-9_.]{3,30})(?:\b|_)",
        unless=_BODY,
        context=rf"(?i)\b(?:{_SOCIAL}|handle|user ?name|user|profile|account|online|post(?:s|ed)?|dm)\b",
    ),
    Form(r"(?:^|\s)(@[A-Za-z0-9.]*(?:_|[A-Za-z][0-9])[A-Za-z0-9_.]*)", unless=_BODY),
    Form(
        rf"(?i)\b(?:{_SOCIAL})(?: (?:name|user|user ?name|handle|id|account|tag))?"
        r"(?: (?:is|as|called) |[ ]?[:=] ?)@?([a-z0-9_.]{3,30})",
        unless=rf"{_BODY}|(?i)^(?:the|and|used|not|now|being|evidence|group|page|post)$",
    ),
    Form(
        rf"(?i)(?:^|[^0-9a-z@._])([a-z0-9]+(?:[._][a-z0-9]+)+|[a-z]{{3,}}[0-9]{{2,}})"
        rf" (?:on|via|from) (?:{_SOCIAL})\b",
        unless=_BODY,
    ),
    Form(
        rf"(?i)\b(?:{_SOCIAL}) ([a-z0-9]+(?:[._][a-z0-9]+)+|[a-z]{{3,}}[0-9]{{2,}})", unless=_BODY
    ),
    Form(
        r"(?i)\b(?:instagram|facebook|tiktok|snapchat|twitter|x|t)[.](?:com|me)/(?:add/)?@?([a-z0-9_.]{3,})",
        unless=_BODY,
    ),
)

# --- people ---------------------------------------------------------------------------------------

# A title and a name, or text introduced as a name. After a capitalised word `Dr` is a street (`Park
# Dr North`), so it must follow the start of the text, a lower-case word or punctuation.
_NAME = rf"{_CAPITAL}['’]?[{_LETTER}][{_LETTER}'’-]*"
_NAMES = rf"{_NAME}(?:{_SPACE}+{_NAME}){{0,3}}"
_TITLE = "(?:Mr|MR|Mrs|MRS|Ms|MS|Mx|Miss|MISS)"
_RANK = (
    "(?:Sgt|SGT|Sergeant|W?PC|DC|DS|DI|DCI|PS|PCSO|Insp|Inspector|Ch Insp|Supt|Superintendent|Constable|"
    "Cllr|CLLR|Councillor|Rev|Reverend|Fr|Imam|Nurse|Judge)"
)
_SAID = "(?i:(?:fore|sur|first|last|full|my|her|his|their)[ -]?name)"
# Text that looks like a title and a name but does not name a person.
_NOT_A_PERSON = (
    r"(?i)\bnear[ -]miss(?:es)?\b|\bms (?:teams|word|excel|office|access|outlook|forms|project|"
    r"planner|sharepoint|powerpoint|windows|365)\b|\b(?:unknown|withheld|redacted|refused)\b|"
    r"\bnot (?:given|known|recorded|stated|provided|disclosed)\b"
)
# Goods, shops and characters that are called like people.
_BRAND = (
    r"(?i)\b(?:dr[.]? (?:pepper|martens?|who|oetker|beckmann|dre)|mr[.]? (?:whippy|kipling|muscle|men|sheen|"
    r"bean|potato|porky|freeze|t)|mrs[.]? (?:brown'?s|hinch|doubtfire)|miss (?:england|selfridge|world)|"
    r"(?:pc|dc|ds|di|ps) (?:world|gaming|games?|repairs?|monitors?|towers?|screens?|laptops?|comics|lite|"
    r"support|office|consoles?|team|unit|officers?|plod|motor|current|plus|vita|store)|"
    r"nurse (?:led|practitioner|team|call)|judge (?:led|alone)|"
    r"john lewis|jack daniel'?s?|ben sherman|paul smith|ted baker|laura ashley|karen millen|"
    r"robert dyas|thomas cook|william hill|fred perry|henry hoover|james bond|harry potter|david lloyd|"
    r"george asda|peter rabbit|tommy hilfiger|michael kors|martin luther|thomas tank|andrew marr|"
    r"barbara bus|scott arms|simon community)\b"
)
# Streets, houses and schools are called after people. Not here: Green, Hill, Hall and Wood, which are
# as often surnames.
_PLACE = (
    r"(?i)\b(?:street|st|road|rd|lane|ln|close|cl|place|pl|field|fields|way|walk|avenue|ave|drive|"
    r"crescent|court|ct|gardens?|grove|terrace|row|square|mews|park|house|lodge|"
    r"centre|school|academy|college|hospital|church|chapel|inn|arms|bridge|yard|view|"
    r"rise|bank|meadows?|estate|farm|surgery|practice)\b"
)
# After a given name these go on with a place or an organisation.
_NO_SURNAME = (
    r"(?i)[ ,](?:ward|town|city|north|south|east|west|county|station|stadium|library|theatre|hotel|team|"
    r"group|project|foundation|trust|cup|day|week|month|retail|shopping|market|cross|island|port|"
    r"community|police|council|public|services?|quay|dock|tower|works|mill|primary|infants?|court|"
    r"stores?|bakers?y|cafe|bar|club|gate|heath|end|circus|croft|parade|rooms?|wing)\b"
)
_GIVEN = "|".join(GIVEN_NAMES)
_NOBODY = f"{_BRAND}|{_PLACE}"
NAME = (
    Form(
        rf"((?:(?:^|[^0-9{_LETTER}]){_TITLE}[.]?{_SPACE}+(?:{_CAPITAL}[.]?{_SPACE}*){{0,2}}"
        rf"|(?:^|(?:^|[^{_LETTER}])[a-z]+{_SPACE}+|[,;:.(/]{_SPACE}*)(?:Dr|DR|Prof)[.]?{_SPACE}+"
        rf"|(?:^|[^A-Za-z]){_SAID}(?: is| was)?[ :=-]+){_NAMES}"
        # The same in hastily typed text.
        rf"|(?:^|[^0-9{_LETTER}])mrs?[.]?{_SPACE}+[{_LETTER}]{{2,}}(?:{_SPACE}+[{_LETTER}]+){{0,3}})",
        unless=_NOBODY,
        without=_NOT_A_PERSON,
    ),
    Form(
        rf"(?:^|[^0-9{_LETTER}])({_RANK}[.]?{_SPACE}+(?:[0-9]{{1,5}}{_SPACE}+)?{_NAMES})",
        unless=_NOBODY,
        without=_NOT_A_PERSON,
    ),
)
# A common given name and a capitalised word, `Smith, John` and `SMITH, John`. Apart from the others,
# because places in public information are called after people too (`On or near Martin Dale`).
UNTITLED_NAME = (
    Form(
        rf"(?:^|[^0-9{_LETTER}-])((?:{_GIVEN}){_SPACE}+(?:{_CAPITAL}[.]?{_SPACE}+|(?:van|von|de|der|bin|al|el){_SPACE}+){{0,2}}"
        rf"(?:{_CAPITAL}['’]?[a-zß-ÿ'’-]{{2,}}|Ma?c{_CAPITAL}[a-z]+|O['’]{_CAPITAL}[a-z]+)"
        rf"(?:{_SPACE}+{_CAPITAL}[{_LETTER}'’-]+){{0,2}})",
        unless=f"{_NOBODY}|{_NO_SURNAME}",
        without=_NOT_A_PERSON,
    ),
    Form(
        rf"(?:^|[^0-9{_LETTER}-])((?:{_GIVEN.upper()}){_SPACE}+{_CAPITAL}[A-ZÀ-Þ'’-]{{2,}}"
        rf"(?:{_SPACE}+[A-Z]{{2,}}){{0,2}})",
        unless=f"{_NOBODY}|{_NO_SURNAME}",
        without=_NOT_A_PERSON,
    ),
    Form(
        rf"(?:^|[^0-9{_LETTER}-])({_CAPITAL}[{_LETTER}'’-]+,{_SPACE}*(?:{_GIVEN}|{_GIVEN.upper()}))"
        rf"(?:$|[^{_LETTER}'’ ]|{_SPACE}+(?:$|[^A-ZÀ-Þ ]|[A-Z][.]?(?:$|[ ,.])))",
        unless=f"{_NOBODY}|{_NO_SURNAME}",
        without=_NOT_A_PERSON,
    ),
)

# --- days -----------------------------------------------------------------------------------------

_DAY = r"[0-3]?[0-9](?:[/. -]|st |nd |rd |th |of )+(?:[01]?[0-9]|[A-Za-z]{3,9})[/., -]+(?:19|20)?[0-9]{2}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_MONTH_FIRST = rf"{_MONTH} [0-3]?[0-9][a-z,]* (?:19|20)[0-9]{{2}}"
_DIGITS = (
    r"[0-3][0-9][01][0-9](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9]|"
    r"[0-3][0-9][01][0-9][0-9]{2}"
)
# A date described as a date of birth.
BORN = (
    Form(
        r"(?i)(?:^|[^a-z])(?:d[./ ]?o[./ ]?b|dofb|date[ -]of[ -]birth|birth ?date|born|birthday)[^0-9a-z]*"
        rf"(?:(?:on|is|was|the)\s+)*({_DAY}|{_MONTH_FIRST}|"
        rf"(?:19|20)[0-9]{{2}}[-/. ][01]?[0-9][-/. ][0-3]?[0-9]|(?:{_DIGITS}){_AFTER})"
    ),
    Form(
        rf"(?i)(?:^|[^0-9a-z])({_DAY}|{_MONTH_FIRST}|(?:{_DIGITS})|(?:19|20)[0-9]{{2}}[-/.][01][0-9][-/.][0-3][0-9])"
        r"[ ,]*[([]?(?:d[.]?o[.]?b|date of birth|birth ?date|birthday)\b"
    ),
)

FORMS: dict[str, tuple[Form, ...]] = {
    "e_mail": EMAIL,
    "postcode": POSTCODE,
    "nhs_number": NHS_NUMBER,
    "telephone": TELEPHONE,
    "national_insurance_number": NATIONAL_INSURANCE,
    "name": NAME,
    "date_of_birth": BORN,
    "address": ADDRESS,
    "vehicle_registration": REGISTRATION,
    "police_identifier": POLICE,
    "document_number": DOCUMENT,
    "handle": HANDLE,
    "coordinates": COORDINATES,
    "property_reference": PROPERTY,
    "ip_address": IP_ADDRESS,
}
IN_WORDS = {
    "e_mail": "an e-mail address",
    "postcode": "a full postcode",
    "nhs_number": "an NHS number",
    "telephone": "a telephone number",
    "national_insurance_number": "a National Insurance number",
    "name": "a person's name",
    "date_of_birth": "a date of birth",
    "address": "a house or flat's address",
    "vehicle_registration": "a vehicle's registration",
    "police_identifier": "a number of a person's police or prison record",
    "document_number": "a licence, passport, account or card number",
    "handle": "a name used on social media",
    "coordinates": "coordinates of a point",
    "property_reference": "a property's reference number (UPRN)",
    "ip_address": "an IP address",
}

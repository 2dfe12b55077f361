"""Texts that lead to a person, by kind, and texts that lead to nobody: made up, to measure the scanner by.

A kind has ways of writing (`{}` is where a value goes) and values; every value is written in every way.
They were written down before the patterns were tried on them, and what the patterns miss stays in: a set
that only holds what is found measures nothing. All persons, vehicles and numbers are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

# Names of a kind as the scanner has them; the others are what it does not claim to find.
PERSONAL: dict[str, tuple[str, str]] = {
    "e_mail": (
        "{} | wrote from {} | contact: {}, twice | ({}) | E-mail={};",
        "jane.example@mail.example.org | j_smith1@example.co.uk | o'neill@example.net | A.B@EXAMPLE.ORG | "
        "info+x@example.org.uk | joe at example dot com | joe.bloggs (at) example (dot) org | me@example | "
        "zoë@example.org | sales@sub.example.museum",
    ),
    "postcode": (
        "{} | lives near {} now | home ({}), known | at {}. | addr:{};",
        "ST4 1AA | st41qq | ST6  5UJ | ST4-1AA | ST4   1AA | CW1 2AB | M1 1AE | SW1A 1AA | B33 8TH | "
        "St1 3dw | ST13.5AB | S T4 1AA | ST4 lAA | WS15/1AB",
    ),
    "nhs_number": (
        "NHS {} | NHS number: {}, seen | patient {} again | nhs no {} | ({}) patient",
        "9434765919 | 943 476 5919 | 943-476-5919 | 4010232137 | 401 023 2137 | 943.476.5919 | 6000000006 | "
        "943  476  5919 | 7001234567 | 9434 765 919",
    ),
    "telephone": (
        "{} | call {} now | mobile: {} | his number is {} | tel {}/x",
        "07700 900123 | 07700900123 | 01782 234567 | (01782) 234567 | +44 7700 900123 | 447700900461 | "
        "7700900461 | 7700 900461 | 0044 1782 234567 | 020 7946 0958 | 07700-900-123 | 0 7700 900 123 | "
        "234567 | 07700/900123",
    ),
    "national_insurance_number": (
        "{} | NI {} | NINO: {}. | (nat ins {}) | national insurance {} held",
        "AB123456C | ab 12 34 56 c | AB 12 34 56 C | JG-10-37-59-A | CE123456D | AB 123456 | AB123456 | "
        "AB 12 34 56 | AB1234 56C | Ab.12.34.56.c",
    ),
    "name": (
        "{} | seen with {} in town | victim {}, again | told that {} did it | ({})",
        "Mr Smith | Mrs O'Neill | MISS JONES | Dr Khan | Prof Evans | Ms J. Ångström | mr smith | "
        "Sgt Evans | PC 1234 Evans | Cllr Example | DC Jones | Rev Green | John Smith | SMITH, John | "
        "Smith, Sarah | SARAH JONES | Mohammed Khan | Katarzyna Nowak | David van Dyke | Lord Example | "
        "Zebedee Quill | Quill, Zebedee | john smith | J Smith | Mr. A. B. Example | Master Smith",
    ),
    "date_of_birth": (
        "DOB {} | dob: {} here | born {} in Leek | date of birth {} | ({} d.o.b.)",
        "12/03/1980 | 1.2.79 | 3rd March 1984 | 1991-02-28 | 12 Mar 2011 | 19900201 | 12031980 | 010290 | "
        "March 12, 1980 | 1980/03/12 | 12th of March 1980 | in 1980 | twelfth of March 1980",
    ),
    "address": (
        "{} | lives at {} | near {}, Hanley | address: {} | fight outside {} again",
        "12 Leek Road | 35 Stafford St | 7A HIGH STREET | 123, Werrington Road | Flat 4, Hanley House | "
        "12 leek road | 5 St Peter's Close | 22 Upper Market Lane | Apt 9 Tower Court | 14 Bank Top | "
        "Rose Cottage, Leek Road | 101 Victoria Park Avenue | twelve Leek Road",
    ),
    "vehicle_registration": (
        "{} | vehicle {} | car reg {}, silver | left in {} | van ({})",
        "AB12 CDE | AB12CDE | BD71 SMR | ab12 cde | A123 BCD | ABC 123D | K1 ABC | ABZ 1234 | AB12  CDE | "
        "AB 12 CDE | YG66-LHK",
    ),
    "police_identifier": (
        "{} | PNC {} | PNC ID: {}, known | held as PNCID {} | (see {})",
        "98/123456A | 1998/0123456A | 04/34567Z | 2011/0098765T | 98/1234A | 98/12A",
    ),
    "document_number": (
        "{} | driver {} | licence no. {} | gave {}, false | ({})",
        "MORGA657054SM9IJ | SMITH512089J99AB | passport 123456789 | Passport no: A12345678 | "
        "4929 1234 1234 1234 | 5105-1051-0510-5100 | sort code 12-34-56 | 123456789",
    ),
    "handle": (
        "{} on Instagram | snapchat {} | posted by {} online | Instagram: {} | user {} sent it",
        "@joe_bloggs | @joebloggs99 | joe.bloggs_1 | @zed | @The.Real.Joe | joebloggs",
    ),
    "coordinates": (
        "{} | at {} | found ({}) | location: {}. | lat long {} seen",
        "53.0257, -2.1753 | 53.02571 -2.17532 | -2.1753,53.0257 | 53.0257N 2.1753W | SJ 8812 4712 | "
        "SJ88124712 | ///filled.count.soap | easting 388123 northing 347456 | 53°01'32\"N 2°10'31\"W",
    ),
    "property_reference": (
        "UPRN {} | uprn: {} | UPRN no. {}, flat | (UPRN={}) | the uprn is {}",
        "100012345678 | 10001234567 | 200004567890 | 1000 1234 5678",
    ),
    "ip_address": (
        "{} | from {} | IP: {}, again | ({}) | logged in at {}.",
        "192.168.1.1 | 86.12.33.104 | 10.0.0.12 | 2001:0db8:85a3:0000:0000:8a2e:0370:7334 | "
        "2001:db8::8a2e:370 | "
        "1.1.1.1",
    ),
}  # fmt: skip

HARMLESS: dict[str, tuple[str, str]] = {
    "references": (
        "ref {} | {} closed | see {}, again | case no. {} | lot {}",
        "4010232137 | 4000000004 | 1234567881 | 123 456 7881 | INC/2025/001234 | ASB-2025-00123 | "
        "E01014210 | E05014555 | SYN-9f86d081884c7d65 | 25/00123/FUL | REF12345678 | CR-12345/25 | "
        "7012345678 | PO 123456 | 2025/0012345",
    ),
    "service numbers": (
        "call {} | {} | rang {} for help | tel {}, no answer | reported on {}",
        "0300 123 4455 | 0800 555111 | 0800 555 111 | 0345 678 9000 | +44 300 123 4455 | 101 | 999 | 111 | "
        "0845 7 123456 | 0909 8790000",
    ),
    "goods and brands": (
        "{} | a {} was thrown | bought {} there | {}, broken | stole {} from shop",
        "Dr Pepper can | Mr Whippy van | Mr Kipling cakes | Dr Martens boots | MP3 4GB | S8 4GB | "
        "MP3 player | "
        "Mr Muscle | PC World bag | Jack Daniels | Ted Baker coat | Harry Potter books | Captain Morgan | "
        "DS Lite | iPhone 12 128GB | Xbox 360",
    ),
    "places": (
        "{} | On or near {} | by {}, Hanley | in the {} area | outside {} again",
        "Leek Road | Stafford Street | Park Dr North | Miss Pickerings Field | John Street | Hanley 012A | "
        "Dr Martin Luther King Way | ST4 | ST4 2 | A50 | M6 J15 | Sir Stanley Matthews Way | Victoria Hall | "
        "George Street | St Peter's School | Mary Hill Park | Ward 7, bed 12 | Charlotte Street car park | "
        "William Clowes Street | A500 4th exit",
    ),
    "days and times": (
        "{} | on {} | reported {}, closed | since {} | {} to now",
        "12/06/2025 | 2025-06-03T10:00:00 | 10:30 on 05-12-2024 | June 2025 | Q1 2nd quarter | 2024-25 | "
        "12 June | 03.04.2025 | between 10:00 and 12:00 | 2025 | 23:45:10",
    ),
    "numbers": (
        "{} | total {} | {} in all | from {} up | about {}, again",
        "1,234,567 | 100 200 300 | 53.0258123456 | -2.1790000000 | 12.5% | 3 @ 2.50 | F10.2 | X85-Y09 | "
        "version 1.2.3.10 | section 4.2.1.3 | 5 people | £1,200.50 | 35 stops | 12 to 15 | 10,000",
    ),
    "narrative": (
        "{} | {}. | Note: {} | - {} | {}, as before",
        "Near Miss Report | met on MS Teams | full name Not given | DOB not known | "
        "group of youths on bikes | "
        "neighbour shouting at night | passport stolen | car reg not known | asked for his e-mail | "
        "number plate missing | 5 people on Leek Road | police attended | @StaffsPolice tweeted | "
        "IP address not kept | NI number refused | GP surgery closed | grid reference unknown | "
        "SW facing flats | PC in reception broken | Community Safety Manager | A50 CAR PARK | "
        "TO24 AND BACK | UPRN not supplied | phone stolen | address withheld",
    ),
}  # fmt: skip

# Said in docs/data-protection.md: nothing in these has a form by which it could be found.
OUT_OF_SCOPE = (
    "the lad from the corner shop who limps",
    "her ex, the bus driver",
    "the only family with triplets in the close",
    "my neighbour at the end house",
    "zebedee from number nine",
)


@dataclass(frozen=True)
class Labelled:
    """One text, and the kind of personal data in it; harmless ones have a group instead of a kind."""

    label: str
    text: str
    personal: bool


def labelled() -> list[Labelled]:
    """Every text, in a fixed order, each once."""
    return [
        Labelled(label, way.format(value), personal)
        for groups, personal in ((PERSONAL, True), (HARMLESS, False))
        for label, (ways, values) in groups.items()
        for text_value in values.split(" | ")
        for value in (text_value.strip(),)
        for way in (written.strip() for written in ways.split(" | "))
    ]

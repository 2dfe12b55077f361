"""Text and scores of the synthetic city's analyst: invented, and labelled so wherever they are printed.

They state no number and no direction, so that no figure of the synthetic city can contradict them.
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "SYNTHETIC"
_LABEL = f"*{MARK}: made-up words for a made-up city.*"
_SCORER = f"{MARK} scoring panel"


@dataclass(frozen=True)
class _Story:
    """The commentary on one priority: for the partnership, and for the public."""

    why: str
    so_what: str
    public_why: str
    public_so_what: str
    scores: tuple[int, int, int, int]  # harm to people, harm to the community, leverage, capacity


_STORIES = {
    "anti_social_behaviour": _Story(
        "The monthly chart follows the school holidays and the light evenings, as it does every year. "
        "Officers and housing staff describe the same few shopping parades and bus stops, and the map and "
        "the ward chart point to them too. Part of what is seen is how people report: the council's online "
        "form took some of what used to be telephoned to the police, so read both series together.",
        "Keep the joint patrols where the map is darkest and begin them before the season, not in it. "
        "The tasking group should review each repeat location every month, with the landlord in the room, "
        "and say at the next board which of them came off the list.",
        "Reports follow the school holidays and light evenings. Some moved from the telephone to the "
        "council's online form, so the two series are best read together.",
        "Patrols go first to the places that are reported most, and start before the summer.",
        (1, 3, 4, 3),
    ),
    "serious_violence_vawg": _Story(
        "Violence in public places and violence between people who know each other stand in one heading "
        "and need different answers. The hospital and the ambulance service see "
        "violence that never reaches the police, so the cross-check matters more than any one line. "
        "Recording of stalking and harassment has been reviewed by the force, which moves the total "
        "without moving the harm.",
        "Share the hospital's location and weapon fields with the licensing group every month. Fund the "
        "navigator in the emergency department for another year and measure how many people take up the "
        "offer. Ask the force for a note on recording before the next assessment.",
        "Violence in public places and between people who know each other need different answers. "
        "Hospitals see injuries that are never reported, so their figures stand beside those of the police.",
        "Partners will look every month at where and when people are hurt, and act on it together.",
        (4, 4, 3, 2),
    ),
    "modern_slavery": _Story(
        "Referrals count what first responders recognised, not how much exploitation there is. Training of "
        "housing and licensing officers brings referrals, and so does a single operation at a single "
        "workplace, which is why the quarterly line is uneven. Criminal exploitation of young people and "
        "labour exploitation are different problems behind one number.",
        "Treat more referrals as better recognition until there is reason to think otherwise. Repeat the "
        "training for officers who enter homes and workplaces, and agree with the voluntary sector who "
        "supports an adult between referral and decision.",
        "The figures count people who were recognised and referred. They rise when more staff know the "
        "signs, and one operation can move a whole quarter.",
        "More staff will be trained to see the signs and to know whom to call.",
        (4, 2, 2, 2),
    ),
    "community_cohesion": _Story(
        "Reports of hate follow events elsewhere as much as events here; the marked event on the chart is "
        "the clearest case. Schools, the council and the police each hear another part, and confidence to "
        "report differs between communities. The rules for incidents that are not crimes have changed, "
        "so the council's series is best read with its break in mind.",
        "Keep third-party reporting open in places people already go to. Hold the tension meeting within a "
        "day of a trigger event, with community leaders in it, and tell those who reported what was done.",
        "Reports of hate often follow events elsewhere. Not everybody is ready to report, so the figures "
        "are a part of what people live with.",
        "Reporting stays possible outside police stations, and those who report will hear what was done.",
        (3, 4, 3, 3),
    ),
    "alcohol_related_harm": _Story(
        "Most hospital admissions come of drinking over many years; calls to the ambulance service and "
        "violence at night show the weekend. The two need different answers. "
        "Treatment has places, and fewer people come to it than could benefit: referral from hospital "
        "wards is where most are lost.",
        "Ask the hospital's alcohol team and the treatment service to agree one referral route and to "
        "report each quarter how many arrive. Use the night-time pattern in licensing decisions.",
        "Most harm in hospital figures comes of drinking over many years. Weekend nights are another "
        "problem and need another answer.",
        "People in hospital will be offered a way into treatment before they leave.",
        (3, 2, 3, 2),
    ),
    "contextual_safeguarding": _Story(
        "Going missing, exclusion from school and exploitation are seen by different services and are often "
        "the same children. A few children account for many episodes, so the number of episodes says less "
        "than the number of children beside it. Return-home interviews are the best source there is on "
        "places and adults of concern, where they happen in time.",
        "Bring schools into the weekly meeting on children at risk outside the home. Put interviews that "
        "are late on the agenda by name of service, and act on places, not only on children.",
        "Children at risk outside the home are often known to several services in different ways. What "
        "they say after they return shows which places are of concern.",
        "Services meet weekly with schools and act on places as well as for children.",
        (4, 3, 4, 2),
    ),
    "county_lines": _Story(
        "The figures follow police work: a line that nobody looks for is not counted. The collection moved "
        "to another team, which the break on the chart shows, so the years cannot be compared. Cuckooed "
        "addresses and young suspects tell more about harm than arrests do, and they come from housing "
        "and from return-home interviews.",
        "Keep one list of cuckooed addresses with housing and visit them together. Count people "
        "safeguarded as the result that matters, and settle how the collection is made before next year.",
        "These figures show what the police looked for and found. The way they are collected changed, so "
        "the years cannot be compared.",
        "Police and housing will visit homes that dealers have taken over, and safeguard those who live "
        "there.",
        (4, 3, 3, 2),
    ),
    "domestic_abuse": _Story(
        "Recorded crime here is neither good nor bad by itself: it moves with confidence to report and with "
        "how crimes are recorded. The support service and the conference for high-risk cases see the same "
        "families from other sides. Repeat cases are understood only with a full year of history, and "
        "health partners refer fewer cases than their contact would suggest.",
        "Train general practices to ask and refer. Look at refused requests for safe accommodation every "
        "quarter with their reasons, and find the places that are missing.",
        "A higher figure can mean that more people dared to report. Support services and the police see "
        "different parts of the same problem.",
        "More health staff will learn to ask and to refer, and reasons for a lack of safe places will be "
        "looked at.",
        (4, 3, 3, 2),
    ),
    "drug_related_crime_harm": _Story(
        "Possession and trafficking follow stop and search and operations, so they describe police "
        "activity first. Overdose calls, hospital admissions and deaths describe harm, and deaths are "
        "published late and over pooled years. Shoplifting belongs on this page because treatment workers "
        "and retailers describe the same people.",
        "Judge this priority by harm and by people in treatment. Make sure that people who leave prison are "
        "met and brought to treatment, and give retailers one route to report prolific theft.",
        "Drug offences show how much the police looked for them. Ambulance, hospital and treatment figures "
        "tell more about harm.",
        "People who leave prison will be met and helped into treatment.",
        (4, 3, 3, 3),
    ),
    "safeguarding_mental_health": _Story(
        "Which calls of this kind the police attend was settled with health services: a marked event in "
        "the series is that agreement and not a change of need. Ambulance calls and detentions "
        "show what remains. Missing adults, self-neglect and dwelling fires without an alarm often concern "
        "the same homes.",
        "Watch ambulance calls and detentions beside police incidents, so that nobody is left between "
        "services. Offer a home safety visit in every self-neglect enquiry.",
        "Which of these calls the police attend was settled with health services. That is a change of who "
        "responds and not of need.",
        "Services will watch together that nobody is left without help.",
        (3, 2, 2, 2),
    ),
}
_GENERAL = _Story(
    "The charts of this priority are made up like everything in the synthetic city, and so is this text. "
    "In a real assessment an analyst would say here what partners know of the reasons: operations, changes "
    "of recording, new services, and events that the charts mark. Where a reason is only supposed, it would "
    "say so, and it would name who supplied each piece of knowledge.",
    "In a real assessment this would say what the partnership should do, who leads, and when the board will "
    "see whether it worked.",
    "In a real assessment this would say in plain words what partners know of the reasons.",
    "In a real assessment this would say what partners will do.",
    (2, 2, 2, 2),
)
# In the order of a story's scores.
_EVIDENCE = {
    "harm_to_people": "made-up judgement from hospital, ambulance and safeguarding figures",
    "harm_to_community": "made-up judgement from the consultation and from tension reports",
    "leverage": "made-up judgement from last year's actions and who led them",
    "capacity": "made-up judgement from partners' staffing plans",
}


def commentary(priority_id: str, name: str, *, is_public: bool) -> str:
    """The invented commentary on a priority, as markdown; a priority of another strategy has generic text."""
    story = _STORIES.get(priority_id, _GENERAL)
    why = story.public_why if is_public else story.why
    so_what = story.public_so_what if is_public else story.so_what
    return f"<!-- {name} -->\n\n## Why\n\n{_LABEL}\n\n{why}\n\n## So what\n\n{so_what}\n"


def scores(priorities: list[str], criteria: list[str], year: str) -> list[list[str]]:
    """An invented score for every priority and judged criterion, as rows of `ranking.csv`.

    Scored in the May after the year; a criterion of the partnership's own has the middle score.
    """
    scored_on = f"{int(year[:4]) + 1}-05-12"
    return [
        [priority_id, criterion, str(_score(priority_id, criterion)), _SCORER, scored_on,
         f"{MARK}: {_EVIDENCE.get(criterion, 'made-up judgement')}"]
        for priority_id in priorities
        for criterion in criteria
    ]  # fmt: skip


def _score(priority_id: str, criterion: str) -> int:
    given = dict(zip(_EVIDENCE, _STORIES.get(priority_id, _GENERAL).scores, strict=True))
    return given.get(criterion, 2)

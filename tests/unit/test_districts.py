"""Every district of England and Wales is found by code and by name, with the bodies that cover it."""

import pytest

from orchestration.core import districts
from orchestration.core.settings import IDENTITY, PROJECT, from_environment, read_partnership
from tests.support.commands import DONE, USAGE, csp

SHIPPED = PROJECT / "seeds" / "partnerships" / "E06000021" / IDENTITY


def names(*words):
    return [(one.district_name, one.csp_name) for one in districts.find(words)]


def test_the_list_has_every_partnership_force_and_region():
    known = districts.read()
    assert len({one.district_code for one in known}) == 318
    assert len({one.csp_code for one in known}) == 314
    assert len({(one.police_force_code, one.police_force_slug) for one in known}) == 43
    assert len({one.region_code for one in known}) == 10
    assert all(all(vars(one).values()) for one in known)


def test_a_force_has_the_name_of_its_files():
    slugs = {one.police_force_name: one.police_force_slug for one in districts.read()}
    assert slugs["Metropolitan Police"] == "metropolitan"
    assert slugs["London, City of"] == "city-of-london"
    assert slugs["Devon & Cornwall"] == "devon-and-cornwall"
    assert slugs["Dyfed-Powys"] == "dyfed-powys"


@pytest.mark.parametrize(
    "words", [("E06000021",), ("e22000270",), ("STOKE-ON-TRENT",), ("on-trent", "stoke")]
)
def test_one_is_found_by_a_code_or_any_part_of_its_names(words):
    assert names(*words) == [("Stoke-on-Trent", "Stoke-on-Trent")]


def test_a_code_must_be_whole():
    with pytest.raises(districts.NoSuchDistrict):
        districts.find(["E0600002"])


def test_a_force_has_all_its_districts():
    assert len(districts.find(["staffordshire"])) >= 9
    assert len(districts.find(["E23000015"])) == 9


def test_who_mistypes_is_told_the_nearest():
    with pytest.raises(districts.NoSuchDistrict, match="the nearest are Cheshire East"):
        districts.find(["Chesire", "Est"])


def test_a_partnership_of_several_districts_names_the_others():
    (one,) = districts.find(["Wychavon"])
    assert [other.district_name for other in districts.sharing(one)] == [
        "Malvern Hills",
        "Worcester",
    ]


def test_the_command_shows_what_covers_a_district(tmp_path):
    answer = csp("areas", "newport", home=tmp_path)
    assert answer.code == DONE, answer.error
    assert answer.text == (
        "W06000022  Newport\n"
        "  partnership   W14000022  Newport\n"
        "  police force  W15000002  Gwent  (data.police.uk: gwent)\n"
        "  fire          W25000003  South Wales\n"
        "  region        W92000004  Wales\n"
    )


def test_the_identity_that_is_printed_is_one_that_can_be_read(tmp_path):
    """It is that of the shipped partnership, but for what the lookups do not have."""
    answer = csp("areas", "E06000021", "--identity", home=tmp_path / "home")
    (tmp_path / IDENTITY).write_text(answer.text, encoding="utf-8")
    printed, shipped = read_partnership(tmp_path / IDENTITY), read_partnership(SHIPPED)
    assert printed == {**shipped, "icb_code": ""}
    settings = from_environment(
        {"CSP_HOME": str(tmp_path / "home"), "CSP_PARTNERSHIP": str(tmp_path)}
    )
    assert settings.partnership.csp_code == shipped["csp_code"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["gwent"], "--identity is of one district, and 5 districts have been found"),
        (["E06000058"], "has more than one partnership: Bournemouth (E22000063)"),
        (["wychavon"], "the partnership South Worcester is of 3 districts"),
        (["nowhere-at-all"], "no district, partnership or police force"),
    ],
)
def test_what_cannot_be_begun_is_said(words, why, tmp_path):
    answer = csp("areas", *words, "--identity", home=tmp_path)
    assert answer.code == USAGE
    assert why in answer.error

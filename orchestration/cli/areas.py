"""`csp areas`: find a partnership's codes, and begin its folder."""

from __future__ import annotations

from dataclasses import fields

import click
import yaml

from orchestration.cli.errors import Unusable
from orchestration.core import districts
from orchestration.core.districts import District
from orchestration.core.settings import Partnership
from orchestration.core.wording import counted

_SOURCE = """\
# The partnership: its district and the bodies that cover it.
# Source: Office for National Statistics, lookups of 2024 from district to Community Safety
# Partnership, police force area and fire and rescue authority; Open Government Licence v3.0.
# What is blank is not in them: look it up.
"""


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--identity",
    "as_identity",
    is_flag=True,
    help="Print the partnership.yaml of the one district that is found.",
)
def areas(words: tuple[str, ...], as_identity: bool) -> None:
    """Find a district of England and Wales by code or name: its partnership, police force, fire authority.

    Without words, all of them, one line each.
    """
    found = districts.find(words)
    if as_identity:
        click.echo(_identity(found, " ".join(words)), nl=False)
    elif words and len({district.district_code for district in found}) <= 10:
        click.echo("\n\n".join(_card(district) for district in found))
    else:
        for district in found:
            click.echo(
                f"{district.district_code}  {district.district_name}"
                f"  ({district.csp_name}, {district.police_force_name})"
            )


def _card(district: District) -> str:
    lines = [
        f"{district.district_code}  {district.district_name}",
        f"  partnership   {district.csp_code}  {district.csp_name}",
        f"  police force  {district.police_force_code}  {district.police_force_name}"
        f"  (data.police.uk: {district.police_force_slug})",
        f"  fire          {district.fire_authority_code}  {district.fire_authority_name}",
        f"  region        {district.region_code}  {district.region_name}",
    ]
    if others := districts.sharing(district):
        named = ", ".join(f"{other.district_name} ({other.district_code})" for other in others)
        lines.append(f"  shared with   {named}")
    return "\n".join(lines)


def _identity(found: list[District], asked: str) -> str:
    codes = sorted({district.district_code for district in found})
    if not asked or len(codes) > 1:
        raise Unusable(
            f"--identity is of one district, and {counted(len(codes), 'district')} have been found; "
            "name it by its code"
        )
    if len(found) > 1:
        named = ", ".join(f"{district.csp_name} ({district.csp_code})" for district in found)
        raise Unusable(
            f"{found[0].district_name} has more than one partnership: {named}; name one by its code"
        )
    (district,) = found
    if others := districts.sharing(district):
        raise Unusable(
            f"the partnership {district.csp_name} is of {counted(len(others) + 1, 'district')}; "
            "only one of a single district can be served"
        )
    known = {
        **vars(district),
        "area_code": district.district_code,
        "area_name": district.district_name,
    }
    # The lookups do not have the integrated care board (in Wales, the local health board).
    identity = {field.name: known.get(field.name, "") for field in fields(Partnership)}
    return _SOURCE + yaml.safe_dump(identity, sort_keys=False, allow_unicode=True)

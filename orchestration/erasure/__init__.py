"""Erasure: one delivery, or one person's rows, out of everything in the home, with a sealed record.

UK GDPR, article 17, and for law enforcement the Data Protection Act 2018, section 47. Who may ask and
whether it has to be done is for people to decide; here it is done, shown beforehand and recorded.
"""

from orchestration.erasure.carry_out import NotErased, carry_out, settle, unsettled
from orchestration.erasure.person import Person, of_person
from orchestration.erasure.plan import Gone, Plan, in_words, inputs_erased, of_delivery

# The door: what other rooms may use.
__all__ = [
    "Gone",
    "NotErased",
    "Person",
    "Plan",
    "carry_out",
    "in_words",
    "inputs_erased",
    "of_delivery",
    "of_person",
    "settle",
    "unsettled",
]

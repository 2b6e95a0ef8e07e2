"""Every quick claim holds on a fresh run, and what cannot be measured is a failed claim."""

from __future__ import annotations

import json
import math

import pytest

from engine.catalogue import built_in_modules, catalogue
from engine.claims import check, verify
from engine.errors import ParameterError, UnknownKeyError
from engine.exhibit import Claim, Measurement

# The claims of the other systems are the published figures that test_known measures.
SYSTEMS = ("lorenz", "henon", "mackey-glass", "ornstein-uhlenbeck", "leaky-integrate-and-fire")


@pytest.mark.parametrize("key", [*built_in_modules(), *SYSTEMS])
def test_the_quick_claims_hold(key: str) -> None:
    results = list(verify([key], quick=True, seed=1))
    assert [result for result in results if not result.passed] == []
    if key in built_in_modules():
        assert results


def test_results_are_json() -> None:
    for result in verify(["edge-of-chaos-eca"], quick=True):
        row = json.loads(json.dumps(result.as_dict(), allow_nan=False))
        assert {
            "exhibit",
            "claim",
            "measured",
            "expected",
            "tolerance",
            "passed",
            "seconds",
            "source",
            "label",
        } <= set(row)


def test_an_unknown_key_is_refused_before_anything_is_measured() -> None:
    with pytest.raises(UnknownKeyError, match=r"no exhibit 'edge-of-caos-eca'.*edge-of-chaos-eca"):
        verify(["edge-of-caos-eca"])


def test_a_claim_that_cannot_be_measured_fails_with_a_sentence() -> None:
    def refuse(seed: int) -> Measurement:
        raise ParameterError("parameter 'rho' must be a finite number, got nan")

    result = check("lorenz", Claim("x", "It holds.", "nowhere", refuse))
    assert not result.passed
    assert math.isnan(result.measured)
    assert "must be a finite number" in result.detail
    assert result.as_dict()["measured"] is None


def test_claims_have_sources_and_labels() -> None:
    labels = {"exact", "published", "estimate", "qualitative", "not verified"}
    for key, exhibit in catalogue().items():
        names = [claim.name for claim in exhibit.claims]
        assert len(names) == len(set(names)), key
        for claim in exhibit.claims:
            assert claim.source, (key, claim.name)
            assert claim.sentence, (key, claim.name)
            assert claim.label in labels, (key, claim.name)

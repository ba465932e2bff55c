"""Notes and refusals on values of a table that the pipeline knows otherwise or not at all."""

from __future__ import annotations

import pytest

from functions.core.definition import FileSettings
from functions.core.errors import DefinitionError
from model_export.draft.columns import column_of
from model_export.draft.estimator import Facts
from model_export.draft.known_values import renaming_notes, unknown_notes

FACTS = Facts(True, False, ("zone",), None, levels={"zone": frozenset({"north", "south"}), "size": frozenset()})


def test_values_that_were_renamed_are_noted() -> None:
    files = FileSettings(rename_values={"zone": {"North": "north", "S.": "south"}, "size": {}})
    assert renaming_notes(FileSettings(snake_case_values=True)) == [
        "values are read in snake case, as the pipeline knows them"
    ]
    assert renaming_notes(files) == ["zone: read as the pipeline knows it, 'North' as 'north', 'S.' as 'south'"]


def test_values_that_it_never_learned_are_noted_with_their_rows() -> None:
    columns = {"zone": column_of("zone", ["north", "west", "west", "", "east"]), "size": column_of("size", ["S"])}
    assert unknown_notes(columns, FACTS) == [
        "zone: the pipeline never learned 'east', 'west', in 3 rows; it knows 'north', 'south'"
    ]
    assert unknown_notes({"zone": column_of("zone", ["north", None])}, FACTS) == []


def test_a_column_of_which_it_knows_nothing_is_refused_with_the_option_that_helps() -> None:
    columns = {"zone": column_of("zone", ["N", "the south", "N"])}
    with pytest.raises(DefinitionError) as refusal:
        unknown_notes(columns, FACTS)
    assert str(refusal.value) == (
        "the pipeline knows no value of zone in the table: it was fitted on 'north', 'south', and the table has 'N', "
        "'the south'; if they mean the same, rename each: --rename-value zone N north"
    )

"""AnalysisSuite: the rules that every analysis keeps, tested for a few lines."""

from typing import Any, ClassVar

from openfit_schema import check

from openfit_sdk.analysis import Analysis

PLACED_BY_THE_HUB = "no_time"  # the day or activity that a result belongs to


class AnalysisSuite:
    """`analysis` is what is tested, `enough` inputs that give a value, `too_little` ones that
    do not."""

    analysis: ClassVar[Analysis]
    enough: ClassVar[dict[str, Any]]
    too_little: ClassVar[dict[str, Any]]

    def test_inputs_are_declared(self) -> None:
        assert set(self.enough) == set(self.analysis.inputs) == set(self.too_little)

    def test_enough_gives_a_value_with_its_why(self) -> None:
        result = self.analysis(**self.enough)
        assert result.value is not None
        assert 0 < result.confidence <= 1
        assert (result.unit, result.tier) == (self.analysis.unit, self.analysis.tier)
        assert result.algorithm == self.analysis.algorithm
        rejected = check.rejected(check.problems(result))
        assert [problem for problem in rejected if problem.code != PLACED_BY_THE_HUB] == []

    def test_too_little_abstains_with_a_reason(self) -> None:
        result = self.analysis(**self.too_little)
        assert (result.value, result.confidence) == (None, 0.0)
        assert result.reason

    def test_the_same_inputs_give_the_same_answer(self) -> None:
        assert self.analysis(**self.enough) == self.analysis(**self.enough)

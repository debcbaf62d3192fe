"""Numbers → the intervals of a coverage, one by one, to compare with what is made of many at once."""

from collections.abc import Iterable


def intervals_of(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Closed intervals that hold exactly these numbers; ascending, never touching."""
    found: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)

"""Replies as they may come: any text, and good ones with a part replaced."""

from collections.abc import Callable

from hypothesis import strategies as st

from cluster.readers.reply import ReplyError


def damaged(*good: str) -> st.SearchStrategy[str]:
    def change(text: str) -> st.SearchStrategy[str]:
        return st.builds(
            lambda start, length, new: text[:start] + new + text[start + length :],
            st.integers(0, len(text)),
            st.integers(0, 60),
            st.text(max_size=12) | st.sampled_from(["\n", ":", " ", "0", "-1", "9" * 30, "null", "[]", "{", "}", "|"]),
        )

    return st.text(max_size=200) | st.sampled_from(good).flatmap(change)


def read_or_refuse(reader: Callable[[str], object], text: str) -> bool:
    """Whether the reader took the text; its one error is the only one."""
    try:
        reader(text)
    except ReplyError:
        return False
    return True

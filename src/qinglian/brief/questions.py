"""What to ask at the hospital: an indicator's known false positives, turned into questions."""

import re
from dataclasses import dataclass

#: How a clause begins that says what to look at.
_TO_DO = re.compile(r"^(?:需|须|应)(?!要)")
#: Clauses that say how far the data can see: nobody at the hospital can answer them.
_NO_QUESTION = re.compile(
    r"不等于|看不到|不在数据|不可见|可能少计|仍可能误报|须人工|不计(?:入|追加)?$"
)


@dataclass(frozen=True)
class Questions:
    """What to ask, what to have shown, and what to keep in mind."""

    ask: tuple[str, ...]
    show: tuple[str, ...]
    mind: tuple[str, ...]


def questions_of(false_positives: str | None) -> Questions:
    """Questions that settle whether a lead has a good reason, from the indicator's metadata.

    Its clauses are separated by ； and 。; one that begins with 需 or 须 says what to look at.
    """
    ask, show, mind = [], [], []
    for clause in re.split(r"[；。\n]", false_positives or ""):
        text = clause.strip(" ，,")
        if not text:
            continue
        if _TO_DO.match(text):
            show.append(f"请{_TO_DO.sub('', text)}。")
        elif _NO_QUESTION.search(text):
            mind.append(f"{text}。")
        elif "、" in text:
            ask.append(f"是否属于以下情形之一：{text}？如是，请说明依据。")
        else:
            ask.append(f"是否属于“{text}”？如是，请说明依据。")
    return Questions(tuple(ask), tuple(show), tuple(mind))

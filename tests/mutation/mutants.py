"""Wrong programs made from right ones: one operator, condition, constant or statement is
changed at a time. Text only, no compiler: what does not compile is no mutant.

A mutant is (old, new, source): the lines that differ, and the whole changed file.
"""
import re

HIDDEN = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
                    r"|^[ \t]*#[ \t]*(?!define)(?:\\\n|[^\n])*|_Static_assert\(.*?;",
                    re.S | re.M)

# What is looked for, and what it becomes.
SWAPS = [(re.compile(pattern), new) for pattern, new in [
    (r"==", "!="), (r"!=", "=="),
    (r"<=", "<"), (r"(?<=\s)>=", ">"),
    (r"(?<=\s)<(?=\s)", "<="), (r"(?<=\s)>(?=\s)", ">="),
    (r"&&", "||"), (r"\|\|", "&&"),
    (r"(?<=\s)\+(?=\s)", "-"), (r"(?<=\s)-(?=\s)", "+"),
    (r"(?<=\s)<<(?=\s)", ">>"), (r"(?<=\s)>>(?=\s)", "<<"),
    (r"(?<=[\w)] )&(?= [\w(])", "|"), (r"(?<=[\w)] )\|(?= [\w(])", "&"),
    (r"(?<=\s)\+=", "-="), (r"(?<=\s)-=", "+="),
    (r"(?<=\s)\|=", "&="), (r"(?<=\s)&=", "|="),
    (r"\breturn true;", "return false;"), (r"\breturn false;", "return true;"),
    (r"\breturn LB_OK;", "return LB_ERR_INTERNAL;"),
    (r"\breturn LB_ERR_\w+;", "return LB_OK;"),
    (r"\breturn EV_OK;", "return EV_BAD;"), (r"\breturn EV_(?:BAD|NONE);", "return EV_OK;"),
    (r"\breturn LB_REASON_OK;", "return LB_REASON_NO_DISK;"),
    (r"\bbreak;", ";"), (r"\bcontinue;", ";"),
]]
CONDITION = re.compile(r"\bif \(")
NUMBER = re.compile(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(u?)(?![\w.])")
CALL = re.compile(r"^\t+((?:\(void\))?[a-z_][\w>.-]*\([^;{}]*\);)", re.M)
ASSIGNMENT = re.compile(r"^\t+([*\w>.\[\]-]+ (?:[-+*/|&^]|<<|>>)?= [^;{}]*;)", re.M)


def hide(source):
    """The same text with comments, words and directives as spaces."""
    return HIDDEN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), source)


def closing(text, opening):
    """Where the bracket at @opening ends."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return None


def edits(source):
    """(from, to, text) of every change there is to make."""
    code = hide(source)
    for pattern, new in SWAPS:
        for m in pattern.finditer(code):
            yield m.start(), m.end(), new
    for m in CONDITION.finditer(code):
        end = closing(code, m.end() - 1)
        if end is not None:
            yield m.end() - 1, end + 1, f"(!{source[m.end() - 1:end + 1]})"
    for m in NUMBER.finditer(code):
        yield m.start(), m.end(), f"{int(m[1], 0) + 1}{m[2]}"
    for pattern in (CALL, ASSIGNMENT):
        for m in pattern.finditer(code):
            yield m.start(1), m.end(1), ";"


def lines_at(source, start, end):
    """The whole lines around [start, end), as one line without its outer space."""
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", end)
    return first, len(source) if last < 0 else last


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()


def mutants(source):
    """Every mutant, in the order of the text."""
    for start, end, new in sorted(edits(source)):
        first, last = lines_at(source, start, end)
        changed = source[:start] + new + source[end:]
        yield (one_line(source[first:last]),
               one_line(source[first:start] + new + source[end:last]), changed)

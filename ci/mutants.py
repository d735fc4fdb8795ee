"""Mutants of a C file that clang-format has formed: small changes of operators, constants, conditions,
statements and table rows, each of which a test should notice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    | ^[ \t]*\#(?:\\\n|[^\n])* | 0[xX][0-9a-fA-F]+[uUlL]* | \d+[uUlL]* | [A-Za-z_]\w*
    | <<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]= | [^\s]""", re.M | re.S | re.X)
# Between spaces, so that they have two operands.
OPERATORS = {"==": ["!="], "!=": ["=="], "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="],
             ">=": [">", "<"], "&&": ["||"], "||": ["&&"], "+": ["-"], "-": ["+"], "*": ["/"],
             "/": ["*"], "%": ["/"], "&": ["|"], "|": ["&"], "^": ["|"], "<<": [">>"],
             ">>": ["<<"], "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="]}
WORDS = {"true": "false", "false": "true", "break": ";", "continue": ";"}
NO_STATEMENT = set("""return if else for while do switch case default goto const static struct enum
    union unsigned int char size_t uint8_t uint16_t uint32_t uint64_t int8_t void bool break
    continue typedef extern""".split())


@dataclass(frozen=True)
class Mutant:
    file: str
    start: int   # of what is replaced, in characters
    end: int
    text: str    # what takes its place
    where: str   # the function or table it lies in

    def apply(self, source: str) -> str:
        return source[:self.start] + self.text + source[self.end:]

    def key(self, source: str) -> tuple[str, str, str, str]:
        """File, place, the lines as they are, the lines as they become; spaces made one."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        was = source[first:last]
        becomes = source[first:self.start] + self.text + source[self.end:last]
        return self.file, self.where or "-", " ".join(was.split()), " ".join(becomes.split())


def closing(tokens: list[re.Match], at: int) -> int:
    """The index of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += tokens[i][0] in "([{"
        depth -= tokens[i][0] in ")]}"
        if depth == 0:
            return i
    return at


def constants(text: str) -> list[str]:
    digits = re.match(r"0[xX][0-9a-fA-F]+|\d+", text)[0]
    value, suffix = int(digits, 0), text[len(digits):]
    return [f"{value + 1}{suffix}"] + ([f"{value - 1}{suffix}"] if value > 0 else [])


def statement_end(tokens: list[re.Match], at: int) -> int | None:
    """The index of the semicolon of an expression statement that starts at `at`, if one does."""
    first = tokens[at][0]
    if not (re.match(r"[A-Za-z_(*]", first) or first in ("++", "--")) or first in NO_STATEMENT:
        return None
    if re.match(r"\w", first) and re.match(r"[A-Za-z_*]", tokens[at + 1][0]):
        return None  # a declaration
    i = at
    while tokens[i][0] != ";":
        if tokens[i][0] in "{}:":
            return None
        i = closing(tokens, i) + 1 if tokens[i][0] in "([" else i + 1
    return i


def mutants(file: str, source: str) -> Iterator[Mutant]:
    tokens = [one for one in TOKEN.finditer(source)
              if not one[0].startswith(("/*", "//")) and not one[0].lstrip().startswith("#")]
    depth, parens, where, function = 0, 0, "", False
    for i, token in enumerate(tokens):
        text, before = token[0], tokens[i - 1][0] if i else ";"

        def make(start: int, end: int, becomes: str) -> Mutant:
            return Mutant(file, start, end, becomes, where)

        if depth == 0 and parens == 0 and text in ("(", "[", "=") and \
                re.match(r"[A-Za-z_]", before):
            where = before
        parens += (text == "(") - (text == ")")
        if text == "{":
            if depth == 0:
                function = before == ")"
            elif not function and depth == 1 and before in "{,":
                end = closing(tokens, i)
                if tokens[end + 1][0] == ",":
                    yield make(token.start(), tokens[end + 1].end(), "")
            depth += 1
        elif text == "}":
            depth -= 1
        if depth == 0:
            continue
        if re.match(r"\d", text):
            for becomes in constants(text):
                yield make(*token.span(), becomes)
        elif text in WORDS and function:
            yield make(*token.span(), WORDS[text] if WORDS[text] != ";" else "")
        elif text in OPERATORS and function and source[token.start() - 1].isspace() \
                and source[token.end()].isspace():
            for becomes in OPERATORS[text]:
                yield make(*token.span(), becomes)
        elif text in ("++", "--") and function:
            yield make(*token.span(), "--" if text == "++" else "++")
        elif re.match(r"SKS_ERR_", text) and function:
            yield make(*token.span(),
                       "SKS_ERR_EMPTY" if text != "SKS_ERR_EMPTY" else "SKS_ERR_VERSION")
        elif text == "if" and function:
            end = closing(tokens, i + 1)
            inside = source[tokens[i + 1].end():tokens[end].start()]
            for becomes in (f"!({inside})", "1", "0"):
                yield make(tokens[i + 1].end(), tokens[end].start(), becomes)
        elif text == "return" and function and tokens[i + 1][0] == "!":
            yield make(*tokens[i + 1].span(), "")
        if function and before in (";", "{", "}", ")", "else"):
            end = statement_end(tokens, i)
            if end is not None and not (before == ")" and text == "("):
                yield make(token.start(), tokens[end].start(), "")

"""What is known of names that code calls and mentions: which of them lead out of what its source shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

__all__ = [
    "BUILTINS",
    "CHANCE",
    "CLEAR",
    "LOOKING_METHODS",
    "LOOKS",
    "PATH",
    "PLAIN",
    "PLAIN_BUILTINS",
    "READING",
    "READING_METHODS",
    "SETTINGS",
    "UNCLEAR",
    "ITSELF",
    "above",
    "below",
]

ITSELF = "loads modules in a way of its own"
PATH = "reads or changes the import path"
LOOKS = "looks which files there are"
SETTINGS = "has its settings read by a library"
STARTED = "reads how its process was started"
UNCLEAR: Mapping[str, str] = {
    **dict.fromkeys(("importlib", "imp", "runpy", "zipimport", "pkgutil", "pkg_resources"), ITSELF),
    **dict.fromkeys(("sys.path", "sys.meta_path", "sys.path_hooks", "sys.modules", "site"), PATH),
    **dict.fromkeys(("os.environ", "os.environb", "os.getenv"), "reads the environment by names of run time"),
    **dict.fromkeys(
        ("glob", "os.access", "os.fwalk", "os.getcwd", "os.listdir", "os.scandir", "os.stat", "os.walk"),
        LOOKS,
    ),
    **dict.fromkeys(
        tuple(f"os.path.{name}" for name in ("exists", "getmtime", "getsize", "isdir", "isfile", "lexists")),
        LOOKS,
    ),
    **dict.fromkeys(
        ("decouple", "dotenv", "dynaconf", "environ", "environs", "pydantic_settings", "starlette.config"),
        SETTINGS,
    ),
    **dict.fromkeys(("sys.argv", "sys.stdin", "sys.orig_argv"), STARTED),
}
"""By dotted name, and all below it, why code that mentions it is not understood."""
CLEAR = ("importlib.metadata.version", "os.path.join")
"""Of those below such a name, what is."""
BUILTINS: Mapping[str, str] = {
    "__import__": "imports a module by a name that is made at run time",
    "exec": "runs code that is made at run time",
    "eval": "runs code that is made at run time",
    "compile": "runs code that is made at run time",
    "__path__": PATH,
}
LOOKING_METHODS = frozenset({"exists", "glob", "is_dir", "is_file", "iterdir", "lstat", "rglob", "stat"})
READING = frozenset({"codecs.open", "io.open", "io.open_code", "io.FileIO", "os.open"})
READING_METHODS = frozenset({"open", "read_bytes", "read_text"})
CHANCE = (
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "getpass",
    "os.cpu_count",
    "os.getpid",
    "os.urandom",
    "platform",
    "random",
    "secrets",
    "socket",
    "time",
    "uuid.uuid1",
    "uuid.uuid4",
)
"""What answers differently each time that it is called."""
PLAIN = frozenset(
    {
        "__future__",
        "abc",
        "attr",
        "attrs",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal.Decimal",
        "enum",
        "fractions",
        "functools.cache",
        "functools.cached_property",
        "functools.lru_cache",
        "functools.partial",
        "functools.total_ordering",
        "functools.wraps",
        "itertools.chain",
        "itertools.product",
        "logging.getLogger",
        "math",
        "operator",
        "os.environ.get",
        "os.getenv",
        "pathlib",
        "pydantic",
        "pytest",
        "re",
        "string",
        "temporalio",
        "textwrap",
        "types",
        "typing",
        "typing_extensions",
        "uuid",
    }
)
"""Libraries whose functions and decorators change nothing outside of what they answer with."""
PLAIN_BUILTINS = frozenset(
    """
    TypeError ValueError abs all any bool bytes classmethod complex dict divmod enumerate float
    format frozenset hash int isinstance issubclass len list max min object ord property range repr
    reversed round set slice sorted staticmethod str sum super tuple type zip
    """.split()  # noqa: SIM905  # a line a name would be a page
)


def _prefixes(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    return (".".join(parts[:end]) for end in range(len(parts), 0, -1))


def below(dotted: str, names: Collection[str]) -> bool:
    """Whether a dotted name, or what it is in, is one of these."""
    return any(each in names for each in _prefixes(dotted))


def above(dotted: str, names: Mapping[str, str]) -> str:
    """The one of these names that a dotted name is, or is in."""
    return next(each for each in _prefixes(dotted) if each in names)

"""IPython without a kernel: cells go in, and what a notebook stores of them comes out as it appears."""

import base64
import builtins
import io
import os
import sys
import tempfile
import time
import warnings
from ast import PyCF_ALLOW_TOP_LEVEL_AWAIT, PyCF_ONLY_AST
from collections.abc import Callable
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Output = dict[str, Any]
_FLUSH_AT = 2**14
_FLUSH_AFTER = 0.2


class Stream(io.TextIOBase):
    """What `print` writes to: collects text and emits it as stream outputs."""

    encoding = "utf-8"

    def __init__(self, name: str, emit: Callable[[Output], None]) -> None:
        self._name, self._emit = name, emit
        self._parts: list[str] = []
        self._size, self._since = 0, time.monotonic()

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the process's own stream, for programs that are started from a cell."""
        return 1 if self._name == "stdout" else 2

    def write(self, text: str) -> int:
        """Take text; it is emitted now and then, and by `flush`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._parts.append(text)
        self._size += len(text)
        if self._size > _FLUSH_AT or time.monotonic() - self._since > _FLUSH_AFTER:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Emit what was collected."""
        text, self._parts, self._size, self._since = "".join(self._parts), [], 0, time.monotonic()
        if text:
            self._emit({"output_type": "stream", "name": self._name, "text": text})


class _Hook(DisplayHook):
    """Emits the value of a last expression."""

    def write_output_prompt(self) -> None:
        """Write nothing: the prompt belongs to a terminal."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        self.shell.emit({"output_type": "execute_result", "data": _as_text(format_dict), "metadata": md_dict or {},
                         "execution_count": self.prompt_count})

    def finish_displayhook(self) -> None:
        """Write nothing: there is no prompt to go on from."""


class _Publisher(DisplayPublisher):
    """Emits what `display` is given."""

    def publish(self, data: dict, metadata: dict | None = None, *, transient: dict | None = None,
                update: bool = False, **kwargs: Any) -> None:
        self.shell.emit({"output_type": "display_data", "data": _as_text(data), "metadata": metadata or {}})

    def clear_output(self, wait: bool = False) -> None:
        self.shell.emit({"output_type": "clear"})


def _as_text(data: dict[str, Any]) -> dict[str, Any]:
    """Encode images as a notebook stores them; leave what JSON cannot carry as its text."""
    return {kind: base64.b64encode(value).decode() if isinstance(value, bytes) else
            value if isinstance(value, (str, dict, list)) else str(value) for kind, value in data.items()}


class Shell(InteractiveShell):
    """An interpreter for the cells of one notebook."""

    def __init__(self, **kwargs: Any) -> None:
        self.emit: Callable[[Output], None] = lambda output: None
        super().__init__(**kwargs)
        self.streams = [Stream(name, self._emit_text) for name in ("stdout", "stderr")]
        self._bound: dict[str, Any] = {}
        self._own_transforms = self._transforms()

    def _emit_text(self, output: Output) -> None:
        self.emit(output)

    def init_virtualenv(self) -> None:
        """Do nothing: the environment is the one that runs."""

    def _transforms(self) -> list[Any]:
        manager = self.input_transformer_manager
        return [*manager.cleanup_transforms, *manager.line_transforms, *manager.token_transformers,
                *self.input_transformers_post]

    def transform_cell(self, raw_cell: str) -> str:
        """Return a cell as Python; what is Python already is left alone, as it is slow to search it for magics."""
        if self._transforms() != self._own_transforms:  # a cell has added one, which may change all others
            return super().transform_cell(raw_cell)
        try:
            with warnings.catch_warnings(action="ignore"):  # they come when the cell is compiled
                compile(raw_cell, "<cell>", "exec", PyCF_ONLY_AST | PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return super().transform_cell(raw_cell)
        return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"

    def flush_streams(self) -> None:
        """Emit all that was printed."""
        for stream in self.streams:
            stream.flush()

    def execute(self, source: str, emit: Callable[[Output], None], *, store_history: bool) -> str | None:
        """Run a cell; return the name of the exception that ended it, or None.

        Outputs are given to `emit` while the cell runs.
        """
        def in_order(output: Output) -> None:
            if output["output_type"] != "stream":
                self.flush_streams()
            emit(output)

        self.emit = in_order
        outer = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self.streams
        try:
            result = self.run_cell(source, store_history=store_history)
        finally:
            self.flush_streams()
            sys.stdout, sys.stderr = outer
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else type(error).__name__

    def execute_unseen(self, source: str) -> None:
        """Run a cell for what it binds; what it shows is not even drawn, which is most of the work of a figure."""
        shown = self.display_formatter.active_types
        self.display_formatter.active_types = []
        try:
            self.execute(source, lambda output: None, store_history=False)
        finally:
            self.display_formatter.active_types = shown

    def newly_bound(self) -> list[str]:
        """Return the names that were bound, or bound anew, since the last call."""
        hidden = self.user_ns_hidden
        now = {name: value for name, value in self.user_ns.items()
               if isinstance(name, str) and not (name in hidden and hidden[name] is value)}
        names = [name for name, value in now.items()
                 if name not in self._bound or self._bound[name] is not value]
        self._bound = now
        return names

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.emit({"output_type": "error", "ename": str(etype.__name__), "evalue": _text_of(evalue),
                   "traceback": [str(line) for line in stb]})

    def ask_exit(self) -> None:
        """Go on: `exit` in a notebook that is marked ends nothing."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there is no window."""


def _text_of(value: BaseException) -> str:
    try:
        return str(value)
    except Exception as error:
        return f"<a message that cannot be written: {type(error).__name__}>"


def _nobody_answers(prompt: object = "") -> str:
    raise EOFError("input() has nobody to ask while work is marked")


_shell: Shell | None = None


def prepare() -> Shell:
    """Return the shell of this process; made once, before the process is forked, because making it takes time."""
    global _shell
    if _shell is None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.Completer.use_jedi = False
        with tempfile.TemporaryDirectory() as folder:  # IPython wants a folder for settings that nobody has
            os.environ["IPYTHONDIR"] = folder
            _shell = Shell.instance(config=config, displayhook_class=_Hook, display_pub_class=_Publisher)
        builtins.input = _nobody_answers
        _make_figures_quick()
        _shell.execute("1 / 0", lambda output: None, store_history=False)  # loads what shows a traceback
    return _shell


def _make_figures_quick() -> None:
    """Load what a figure needs, and set in type the powers of ten that stand at most of the axes.

    A figure is drawn twice, first to find its size, each time with a parser of its own that reads all formulas
    anew; that is most of the work of a small figure. Parsers of one kind are alike, so they may share what they
    have read, also with the processes that are forked from this one.
    """
    import matplotlib_inline.backend_inline  # noqa: F401 - connects itself with the shell
    from IPython.core.pylabtools import print_figure
    from matplotlib.figure import Figure
    from matplotlib.mathtext import MathTextParser

    MathTextParser.__eq__ = lambda self, other: self._output_type == other._output_type
    MathTextParser.__hash__ = lambda self: hash(self._output_type)
    figure = Figure()
    axes = figure.add_subplot(title="$x$", yticks=[10.0**k for k in range(-16, 17)], yscale="log")
    axes.semilogy([1e-16, 1e16], label="$x$")
    axes.legend()
    print_figure(figure, fmt="png")

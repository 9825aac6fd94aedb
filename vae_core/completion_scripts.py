"""The scripts by which bash, zsh and fish complete our commands: what `latentscape completion SHELL` prints.

A script knows commands, options and the values that can be listed; runs are asked for when they are needed.
"""

import argparse
from collections.abc import Iterator

from vae_core.completion import FILE, RUN, Choice, Command, Value, commands_of

LISTING = "{program} runs 2>/dev/null | cut -d' ' -f1"  # ids of the runs, a line each
BASH_FILES = (
    "compopt -o filenames 2>/dev/null; local IFS=$'\\n'; COMPREPLY=($(compgen -f -- \"$current\")); return"
)


def script(top: argparse.ArgumentParser, shell: str) -> str:
    """The whole script for one of completion.SHELLS."""
    writer = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return "\n".join(writer(top.prog, list(commands_of(top)))) + "\n"


def _bash(program: str, commands: list[Command]) -> Iterator[str]:
    yield f'# bash: eval "$({program} completion bash)" in ~/.bashrc'
    yield f"_{program}() {{"
    yield "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}"
    yield "  local at= words= values= files= runs= i"
    yield "  COMPREPLY=()"
    yield "  for ((i = 1; i < COMP_CWORD; i++)); do"
    yield '    case "$at ${COMP_WORDS[i]}" in'
    yield f'      {_known(commands)}) at="${{at:+$at }}${{COMP_WORDS[i]}}" ;;'
    yield "    esac"
    yield "  done"
    yield '  case "$at $before" in'
    for command, choice, value in _valued(commands):
        yield f"    {_patterns(command, choice)}) {_bash_values(program, value)} ;;"
    yield "  esac"
    yield '  case "$at" in'
    for command in commands:
        yield f'    "{command.name}") words="{" ".join(command.flags)}"; {_bash_offer(command)} ;;'
    yield "  esac"
    yield f"  if [[ $current != -* && -n $files ]]; then {BASH_FILES}; fi"
    yield f"  [[ $current != -* && -n $runs ]] && values=$({LISTING.format(program=program)})"
    yield "  [[ $current != -* && -n $values ]] && words=$values"
    yield '  COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield f"complete -F _{program} {program}"


def _bash_offer(command: Command) -> str:
    """What may stand by itself after a command, as the variable that says so."""
    if command.value and command.value.kind == FILE:
        return "files=1"
    if command.value and command.value.kind == RUN:
        return "runs=1"
    words = [name for name, _ in command.actions] or (command.value.words if command.value else ())
    return f'values="{" ".join(words)}"'


def _bash_values(program: str, value: Value) -> str:
    """What is done after an option that takes one."""
    if value.kind == FILE:
        return BASH_FILES
    listed = f"$({LISTING.format(program=program)})" if value.kind == RUN else " ".join(value.words)
    return f'COMPREPLY=($(compgen -W "{listed}" -- "$current")); return' if listed else "return"


def _zsh(program: str, commands: list[Command]) -> Iterator[str]:
    yield f"#compdef {program}"
    yield f'# zsh: eval "$({program} completion zsh)" in ~/.zshrc, after compinit'
    yield f"_{program}() {{"
    yield "  local at= i; local -a offers"
    yield "  for ((i = 2; i < CURRENT; i++)); do"
    yield '    case "$at ${words[i]}" in'
    yield f'      {_known(commands)}) at="${{at:+$at }}${{words[i]}}" ;;'
    yield "    esac"
    yield "  done"
    yield '  case "$at ${words[CURRENT-1]}" in'
    for command, choice, value in _valued(commands):
        yield f"    {_patterns(command, choice)}) {_zsh_values(program, value)}; return ;;"
    yield "  esac"
    yield '  case "$at" in'
    for command in commands:
        yield f'    "{command.name}")'
        begin = "      [[ ${words[CURRENT]} != -* ]] &&"
        if command.value:
            yield f"{begin} {{ {_zsh_values(program, command.value)}; return }}"
        if command.actions:
            listed = " ".join(_described(name, text) for name, text in command.actions)
            yield f"{begin} {{ offers=({listed}); _describe command offers; return }}"
        told = [_described(flag, choice.help) for choice in command.choices for flag in choice.flags]
        yield f"      offers=({' '.join(told)}); _describe option offers ;;"
    yield "  esac"
    yield "}"
    yield f"compdef _{program} {program}"


def _zsh_values(program: str, value: Value) -> str:
    if value.kind == FILE:
        return "_files"
    if value.kind == RUN:
        return f'compadd -- ${{(f)"$({LISTING.format(program=program)})"}}'
    return f"compadd -- {' '.join(value.words)}" if value.words else ":"


def _described(word: str, text: str) -> str:
    """A word and its help as zsh's _describe reads them, in quotes."""
    return "'" + f"{word}:{_first(text)}".replace("'", "'\\''") + "'"


def _fish(program: str, commands: list[Command]) -> Iterator[str]:
    yield f"# fish: {program} completion fish > ~/.config/fish/completions/{program}.fish"
    yield f"function __{program}_at"  # whether the words so far lead to exactly this command
    yield "  set -l at"
    yield "  for word in (commandline -opc)[2..-1]"
    yield '    switch "$at $word"'
    known = " ".join(f"'{_key(command)}'" for command in commands if command.path)
    yield f"      case {known}"
    yield '        set at (string trim -- "$at $word")'
    yield "    end"
    yield "  end"
    yield '  test "$at" = "$argv"'
    yield "end"
    yield f"complete -c {program} -f"
    for command in commands:
        begin = f"complete -c {program} -n '__{program}_at {command.name}'"
        for name, text in command.actions:
            yield f"{begin} -a {name} -d {_quoted(_first(text))}"
        if command.value:
            yield f"{begin}{_fish_values(program, command.value)}"
        for choice in command.choices:
            names = " ".join(f"-l {f[2:]}" if f.startswith("--") else f"-s {f[1:]}" for f in choice.flags)
            files = choice.value and choice.value.kind == FILE
            taken = f" -{'r' if files else 'x'}{_fish_values(program, choice.value)}" if choice.value else ""
            yield f"{begin} {names}{taken} -d {_quoted(_first(choice.help))}"


def _fish_values(program: str, value: Value) -> str:
    if value.kind == FILE:
        return " -F"
    if value.kind == RUN:
        return f' -a "({LISTING.format(program=program)})"'
    return f" -a {_quoted(' '.join(value.words))}" if value.words else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _first(text: str) -> str:
    """The first half of a help, as much as stands beside a word."""
    return text.replace("%%", "%").partition(";")[0].partition(". ")[0].rstrip(".")


def _key(command: Command) -> str:
    """How a command is told from the words so far: the path above it, and its own word."""
    return f"{' '.join(command.path[:-1])} {command.path[-1]}"


def _known(commands: list[Command]) -> str:
    return "|".join(f'"{_key(command)}"' for command in commands if command.path)


def _valued(commands: list[Command]) -> Iterator[tuple[Command, Choice, Value]]:
    for command in commands:
        for choice in command.choices:
            if choice.value:
                yield command, choice, choice.value


def _patterns(command: Command, choice: Choice) -> str:
    return "|".join(f'"{command.name} {flag}"' for flag in choice.flags)

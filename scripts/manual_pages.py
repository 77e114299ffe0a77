"""Writes manual pages from what programs say of themselves: manual_pages.py DIR SECTION:PROGRAM...

Used by scripts/manual. Each program prints a description of its commands as JSON (--experimental-dump-help).
"""

import json
import os
import subprocess
import sys


def text(words):
    """Words as roff reads them: nothing in them is a request or an escape."""
    lines = []
    for line in words.replace("\\", "\\e").replace("-", "\\-").split("\n"):
        lines.append("\\&" + line if line[:1] in (".", "'") else line)
    return "\n".join(lines)


def paragraphs(words):
    """Paragraphs are parted by empty lines; lines that are set out in columns stay lines."""
    for part in words.strip().split("\n\n"):
        is_table = "\n" in part and any("  " in line.strip() for line in part.split("\n"))
        yield ".PP\n" + (".nf\n" + text(part) + "\n.fi" if is_table else text(part))


def spelling(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def is_shown(argument):
    return argument.get("shouldDisplay", True)


def head(argument):
    """How an argument is written: `--delay <duration>`, `<url>`."""
    value = "\\fI" + text(argument.get("valueName", "")) + "\\fR"
    if argument["kind"] == "positional":
        return value
    names = ", ".join("\\fB" + text(spelling(name)) + "\\fR" for name in argument["names"])
    return names if argument["kind"] == "flag" else names + " " + value


def synopsis(path, command):
    words = ["\\fB" + text(" ".join(path)) + "\\fR"]
    if any(is_shown(one) and one["commandName"] != "help" for one in command.get("subcommands", [])):
        words.append("\\fIcommand\\fR")
    if any(argument["kind"] != "positional" and is_shown(argument) for argument in command.get("arguments", [])):
        words.append("[\\fIoptions\\fR]")
    for argument in command.get("arguments", []):
        if argument["kind"] == "positional" and is_shown(argument):
            word = head(argument) + (" ..." if argument["isRepeating"] else "")
            words.append("[" + word + "]" if argument["isOptional"] else word)
    return " ".join(words)


def options(command):
    """Arguments first, then options, by the sections that the program has for them."""
    sections = {}
    for argument in filter(is_shown, command.get("arguments", [])):
        usual = "ARGUMENTS" if argument["kind"] == "positional" else "OPTIONS"
        sections.setdefault(argument.get("sectionTitle", usual).upper(), []).append(argument)
    for title, arguments in sections.items():
        yield ".SH " + text(title)
        for argument in arguments:
            about = argument.get("abstract", "")
            if argument.get("defaultValue") and "default" not in about:
                about += " (default: " + argument["defaultValue"] + ")"
            if argument.get("allValues"):
                about += " (values: " + ", ".join(argument["allValues"]) + ")"
            yield ".TP\n" + head(argument) + "\n" + text(about.strip())


def subcommands(path, command):
    shown = [one for one in command.get("subcommands", []) if is_shown(one) and one["commandName"] != "help"]
    if not shown:
        return
    yield ".SH COMMANDS"
    for one in shown:
        name = "\\fB" + text(path[0] + "-" + one["commandName"]) + "\\fR(1)" if len(path) == 1 else (
            "\\fB" + text(one["commandName"]) + "\\fR")
        yield ".TP\n" + name + "\n" + text(one.get("abstract", ""))
        if len(path) > 1:
            yield from (paragraph.replace(".PP", ".IP", 1) for paragraph in paragraphs(one.get("discussion", "")) if
                        one.get("discussion"))


def page(path, command, section, others):
    title = "-".join(path)
    about = command.get("abstract", "").rstrip(".")
    lines = [
        ".TH " + text(title.upper()) + " " + section, ".SH NAME", text(title) + " \\- " + text(about),
        ".SH SYNOPSIS", synopsis(path, command),
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    lines += [*subcommands(path, command), *options(command)]
    lines += [".SH SEE ALSO", ", ".join("\\fB" + text(name) + "\\fR(" + number + ")" for name, number in others)]
    return "\n".join(lines) + "\n"


def pages(section, command):
    name = command["commandName"]
    counterpart = ("crawld", "8") if name != "crawld" else ("crawlctl", "1")
    yield name, page([name], command, section, [counterpart])
    for one in command.get("subcommands", []):
        if is_shown(one) and one["commandName"] != "help":
            yield name + "-" + one["commandName"], page(
                [name, one["commandName"]], one, section, [(name, section), counterpart])


def main(directory, *programs):
    for described in programs:
        section, program = described.split(":", 1)
        said = subprocess.run([program, "--experimental-dump-help"], stdout=subprocess.PIPE, check=True).stdout
        folder = os.path.join(directory, "man" + section)
        os.makedirs(folder, exist_ok=True)
        for name, words in pages(section, json.loads(said)["command"]):
            with open(os.path.join(folder, name + "." + section), "w", encoding="utf-8") as file:
                file.write(words)


if __name__ == "__main__":
    main(*sys.argv[1:])

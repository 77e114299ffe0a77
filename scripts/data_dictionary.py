"""Writes the data dictionary of README.md from what `crawlctl query --schema` says: data_dictionary.py [--check] README CRAWLCTL DATABASE

Used by scripts/manual --dictionary. With --check nothing is written; a README that says something else ends it with 1.
"""

import json
import subprocess
import sys

BEGIN = "<!-- what crawlctl query --schema says; written by scripts/manual --dictionary -->\n"
END = "<!-- the end of what crawlctl query --schema says -->\n"


def section(crawlctl, database):
    said = subprocess.run(
        [crawlctl, "query", "--schema", "--json", "--database", database], stdout=subprocess.PIPE, check=True).stdout
    lines = []
    table = None
    for column in map(json.loads, said.decode("utf-8").splitlines()):
        if column["table"] != table:
            table = column["table"]
            lines += ["", "#### `%s`%s" % (table, " (view)" if column["kind"] == "view" else ""), "",
                      "| column | type | meaning |", "|---|---|---|"]
        meaning = column["meaning"].replace("|", "\\|").replace("*", "\\*")
        lines.append("| `%s` | %s | %s |" % (column["column"], column["type"].lower(), meaning))
    return "\n".join(lines) + "\n\n"


def main(arguments):
    check = arguments[:1] == ["--check"]
    readme, crawlctl, database = arguments[1:] if check else arguments
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    wanted = head + BEGIN + section(crawlctl, database) + END + tail
    if wanted == text:
        return 0
    if check:
        sys.stderr.write("%s says something else than crawlctl query --schema: scripts/manual --dictionary\n" % readme)
        return 1
    with open(readme, "w", encoding="utf-8") as file:
        file.write(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

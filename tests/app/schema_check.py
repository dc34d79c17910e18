#!/usr/bin/python3
"""Checks TOML files against the schema that `descent config schema` prints.

    schema_check.py SCHEMA.json GOOD.toml... [--bad BAD.toml...]

Files after --bad must be refused. Exit code 0: all as expected; 1: not; prints one line for each surprise.
"""

import json
import sys
import tomllib

import jsonschema


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft4Validator.check_schema(schema)
    validator = jsonschema.Draft4Validator(schema)
    wanted_good = True
    surprises = 0
    for path in arguments[1:]:
        if path == "--bad":
            wanted_good = False
            continue
        with open(path, "rb") as file:
            errors = sorted(validator.iter_errors(tomllib.load(file)), key=str)
        if wanted_good:
            for error in errors:
                print(f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message}")
            surprises += bool(errors)
        elif not errors:
            print(f"{path}: accepted, but must be refused")
            surprises += 1
    return surprises > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

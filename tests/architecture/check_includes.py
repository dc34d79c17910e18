"""Every include must point down the picture of the folders, and trainers must not know networks.
Pictures know numbers, errors and files only.

Usage: check_includes.py SOURCE_TREE
"""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "framework": {"framework"},
    "datasets": {"datasets", "framework"},
    "models": {"models", "datasets", "framework"},
    "trainers": {"trainers", "framework"},
    "app": {"app", "models", "trainers", "datasets", "framework"},
}
# The rooms of app/, from the ground up: each may include those before it. What stands in app/ itself is above them all.
ROOMS = ["config", "files", "pictures", "experiment", "console", "record", "curvature", "runs", "tuning", "formula",
         "training", "report", "doctor", "commands"]
PICTURES_MAY_INCLUDE = {"framework/error.hpp", "framework/text.hpp", "models/file_io.hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def room(path):
    """The place in ROOMS of a path below app/; len(ROOMS) for the files of app/ itself."""
    parts = path.split("/")
    return ROOMS.index(parts[1]) if len(parts) > 2 else len(ROOMS)


def points_up(source, target):
    """Whether a file of app/ includes a room above its own; commands.hpp, the list of all commands, is for everybody."""
    return (source.startswith("app/") and target.startswith("app/") and target != "app/commands.hpp" and
            room(target) > room(source))


def wrong_includes(root):
    for folder, allowed in MAY_INCLUDE.items():
        files = sorted(p for p in (root / folder).rglob("*") if p.suffix in (".hpp", ".cpp"))
        if not files:
            yield f"{folder}/: no sources; is the picture still right?"
        for path in files:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                place = f"{path.relative_to(root)}:{number}"
                target = match.group(1).split("/")[0]
                pictures = "app/pictures" in path.relative_to(root).as_posix()
                own = match.group(1).startswith("app/pictures/") or match.group(1) in PICTURES_MAY_INCLUDE
                up = points_up(path.relative_to(root).as_posix(), match.group(1))
                if target not in allowed or (pictures and not own) or up:
                    yield f"{place}: {folder}/ must not include {match.group(1)}"
                elif not match.group(1).endswith(".pb.h") and not (root / match.group(1)).is_file():
                    yield f"{place}: {match.group(1)} does not exist"


def main():
    problems = list(wrong_includes(pathlib.Path(sys.argv[1])))
    print("\n".join(problems) or "all includes point down")
    return 1 if problems else 0


sys.exit(main())

"""Checks a release and comparisons with the tools that others use, and prints
a table.

The folder that is named on the command line holds old/enterprise-attack.json,
new/enterprise-attack.json, delta.json and changelog.json, as TestEnterprise of
review/release and the browser test of every kind leave them; and in pairs/, as
the tests of review/taxonomy do, old/DOMAIN.json, new/DOMAIN.json and ours.json
of each two states that were compared. Exits 1 where something does not agree.
"""

import json
import logging
import subprocess
import sys
import time
from pathlib import Path

import stix2
import stix2validator
from loguru import logger
from mitreattack.diffStix.changelog_helper import DiffStix
from mitreattack.stix20 import MitreAttackData

logger.remove()  # a line per type of object
logging.disable(logging.WARNING)  # the validator's custom properties

# The data model lists the short names of all tactics that MITRE has: no new tactic
# can pass it, not even MITRE's own next one.
CLOSED = "x_mitre_shortname: Invalid option"

folder = Path(sys.argv[1])
here = Path(__file__).parent


def objects(path):
    return json.loads((folder / path).read_text("utf-8"))["objects"]


def changed():
    """What the release wrote: what is new, or not as it was."""
    was = {o["id"]: o for o in objects("old/enterprise-attack.json")}
    return [o for o in objects("new/enterprise-attack.json") if was.get(o["id"]) != o]


def data_model(written):
    """No issues on any object that the release wrote."""
    lines = "\n".join(json.dumps(o) for o in written + objects("delta.json")[:1])
    done = subprocess.run(["node", here / "objects.mjs"], input=lines, capture_output=True, text=True, check=True)
    issues = json.loads(done.stdout)
    wrong = [f"{id}: {text}" for id, texts in issues.items() for text in texts if not text.startswith(CLOSED)]
    return f"{len(written) + 1} objects", wrong


def parsed():
    """stix2 reads the whole bundle and the delta."""
    counts = []
    for path in ("new/enterprise-attack.json", "delta.json"):
        bundle = stix2.parse((folder / path).read_text("utf-8"), allow_custom=True)
        counts.append(len(bundle.objects))
    return f"{counts[0]} and {counts[1]} objects", [] if min(counts) > 1 else ["a bundle is empty"]


def found(written, store):
    """MitreAttackData finds what is new."""
    data = MitreAttackData(src=store)
    missing = []
    new = {o["id"]: o for o in written}
    count = 0
    for o in written:
        if o["type"] == "attack-pattern":
            count += 1
            attack_id = o["external_references"][0]["external_id"]
            hit = data.get_object_by_attack_id(attack_id, "attack-pattern")
            if hit is None or hit["id"] != o["id"]:
                missing.append(f"{attack_id} is not found")
        elif o.get("relationship_type") == "subtechnique-of" and not o.get("x_mitre_deprecated"):
            count += 1
            children = data.get_subtechniques_of_technique(o["target_ref"])
            if o["source_ref"] not in [c["object"]["id"] for c in children]:
                missing.append(f"{new[o['source_ref']]['name']} is not found under its parent")
        elif o.get("relationship_type") == "uses":
            count += 1
            if o["id"] not in [r["id"] for r in data.get_procedure_examples_by_technique(o["target_ref"])]:
                missing.append(f"the procedure example {o['id']} is not found")
    return f"{count} objects", missing


def sorted_by_diff_stix(folder):
    """The ids in each section of diff_stix, over all types."""
    (domain,) = [path.stem for path in (folder / "old").iterdir()]
    diff = DiffStix(domains=[domain], old=str(folder / "old"), new=str(folder / "new"))
    theirs = {}
    for domains in diff.data["changes"].values():
        for section, list_ in domains[domain].items():
            theirs.setdefault(section, set()).update(o["id"] for o in list_)
    return theirs


def compared(folder, file):
    """diff_stix sorts the objects as we do."""
    theirs = sorted_by_diff_stix(folder)
    log = json.loads((folder / file).read_text("utf-8"))
    ours = {s["key"]: {o["stix_id"] for o in s["objects"]} for s in log["sections"]}
    wrong = []
    for section in sorted(theirs.keys() | ours.keys()):
        for id in sorted(theirs.get(section, set()) ^ ours.get(section, set())):
            wrong.append(f"{section}: only {'ours' if id in ours.get(section, set()) else 'theirs'} has {id}")
    return f"{sum(map(len, ours.values()))} objects in {len(ours)} sections", wrong


def generated(folders):
    """The same of many small pairs, as one row."""
    count, seen, wrong = 0, set(), []
    for pair in folders:
        try:
            _, misses = compared(pair, "ours.json")
        except Exception as e:
            misses = [f"{type(e).__name__}: {e}"]
        wrong += [f"{pair.name}: {miss}" for miss in misses]
        for section in json.loads((pair / "ours.json").read_text("utf-8"))["sections"]:
            count += len(section["objects"])
            seen.add(section["key"])
    if len(seen) < 8:
        wrong.append(f"only {sorted(seen)} have something in them")
    return f"{len(folders)} pairs, {count} objects", wrong


def validated(written):
    """The OASIS validator finds no errors; its warnings are about x_ properties."""
    wrong = []
    for o in written:
        result = stix2validator.validate_instance(o)
        wrong += [f"{o['id']}: {e}" for e in result.errors]
    result = stix2validator.validate_file(str(folder / "delta.json"))
    if not result.is_valid:
        wrong.append(f"delta.json: {result.object_results}")
    return f"{len(written)} objects and the delta", wrong


def main():
    written = changed()
    rows, failed = [], []

    def check(name, what):
        start = time.time()
        try:
            size, wrong = what()
        except Exception as e:  # a tool that gives up is a miss like any other
            size, wrong = "-", [f"{type(e).__name__}: {e}"]
        rows.append((name, size, len(wrong), time.time() - start))
        failed.extend(f"{name}: {text}" for text in wrong)

    store = stix2.MemoryStore()

    def loaded():
        store.load_from_file(str(folder / "new/enterprise-attack.json"))
        return f"{len(written)} objects", [o["id"] for o in written if store.get(o["id"]) is None]

    check("ATT&CK Data Model", lambda: data_model(written))
    check("stix2.parse", parsed)
    check("stix2.MemoryStore", loaded)
    check("MitreAttackData", lambda: found(written, store))
    check("diff_stix", lambda: compared(folder, "changelog.json"))
    check("stix2-validator", lambda: validated(written))
    pairs = sorted((folder / "pairs").glob("*"))
    small = [pair for pair in pairs if pair.name.startswith("generated")]
    for pair in pairs:
        if pair not in small:
            check(f"diff_stix {pair.name}", lambda: compared(pair, "ours.json"))
    if pairs:
        check("diff_stix generated", lambda: generated(small))
    print(f"{'check':38} {'of':32} {'misses':>6} {'seconds':>8}")
    for name, size, misses, took in rows:
        print(f"{name:38} {size:32} {misses:6} {took:8.1f}")
    if not written:  # nothing was checked above, whatever the table says
        failed.append("the release wrote no object")
    for text in failed:
        print(text, file=sys.stderr)
    sys.exit(1 if failed else 0)


main()

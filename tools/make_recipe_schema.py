"""Write docs/recipe.schema.json, the schema of recipes, from the tables of their reader."""

import json
from pathlib import Path

from dicomveil.policy.recipe.schema import FILE, schema


def main() -> None:
    """Write the file; a test holds it to what this writes."""
    text = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    (Path(__file__).parents[1] / FILE).write_text(text, "utf-8")


if __name__ == "__main__":
    main()

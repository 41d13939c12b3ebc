"""Where a piece of text stands in a file: the one place, or a refusal; never a guess."""

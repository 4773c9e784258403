"""The six chains of a problem: the rules that they keep, for those who make them and those who train on them."""

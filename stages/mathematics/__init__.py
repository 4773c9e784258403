"""Texts in linear form to HTML with their formulas as MathML: `formulas.mathematics` is the door.

May come in: any text. Knows nothing of everything else.
"""

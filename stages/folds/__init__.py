"""Which problems a run may see, and which of their texts: near-duplicates, folds that keep them together, the datasets
of levels, controls and mixes, and a search for leaks.

May come in: problems, their chains, benchmark problems, dataset rows, the settings of the split. Knows nothing of PDFs,
teachers, students or grades.
"""

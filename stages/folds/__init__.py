"""Which problems a run may see: near-duplicates, folds that keep them together, and a search for leaks.

May come in: problems, benchmark problems, dataset rows, the settings of the split. Knows nothing of PDFs, teachers,
students or grades.
"""

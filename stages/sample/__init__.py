"""The sample competition that ships with the project: its problems, its typeset exams, its recorded teacher.

May come in: a seed. Knows nothing of how PDFs are read, of students or of networks; it is run once, by hand,
and what it writes is committed.
"""

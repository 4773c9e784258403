"""The sample competition that ships with the project: its problems, its typeset exams, its recorded teacher.

`python -m data.sample` is run once, by hand, and what it writes is committed. No stage imports it; it runs the stages
extract, solve, verify and compress in order to record the teacher. Knows nothing of students.
"""

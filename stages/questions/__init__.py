"""What a student is asked, and in which words: the exam's problems, benchmarks, the one prompt.

May come in: problems, assignments, benchmark files, runs. Whoever answers or grades takes the questions from here, so
that all have one denominator.
"""

"""A response to its grade, and grades to numbers: one place where it is decided what counts as right, and counted.

May come in: responses and solutions, keys, assignments. Out come grades, and accuracies with intervals from one tidy
frame. Knows nothing of MLX, PDFs or teachers' servers.
"""

"""Where a student comes from: a wheel on the package index, a repository of the Hugging Face hub, or a folder.

May come in: the profile's block `student`. Out goes models/base in mlx-lm's format. Knows nothing of datasets.
"""

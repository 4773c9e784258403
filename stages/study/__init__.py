"""What every stage shares: records, params, files, the prompt, statistics.

May come in: records as they stand on disk, numbers, params. Knows nothing of models, PDFs or networks.
"""

"""From predictions to tables, figures and one page that a person reads.

May come in: records, metrics and loss curves as they stand on disk. Everything said about accuracy is counted here
from the predictions themselves. Model text is data: it is shown escaped, and nothing of it is run.
"""

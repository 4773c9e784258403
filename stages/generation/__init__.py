"""How a student is asked: greedy responses in fixed batches.

May come in: questions, adapters, the profile's block `generate`. Out go responses. Knows nothing of answers: a response
is judged elsewhere.
"""

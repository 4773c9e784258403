"""How a student is asked: responses in fixed batches, greedy or drawn, from MLX here or from a server.

May come in: questions, adapters, the profile's block `generate`, variants. Out go responses. Knows nothing of answers:
a response is judged elsewhere.
"""

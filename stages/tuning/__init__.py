"""How a student is trained: LoRA on one dataset, with what the frozen layers make of it computed once.

May come in: a model, rows as tokens, the profile's block `train`. Out go adapters' weights and the losses on the way.
Knows nothing of runs, levels or files, its caches aside.
"""

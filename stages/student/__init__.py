"""The student on MLX, as training and generation share it: fast kernels, base model, adapters, rows as tokens.

May come in: a base model's folder, adapters, dataset rows, chat messages. Knows nothing of exams, teachers or answers,
nor of how a student is trained or asked.

Call `stages.student.cpu.prepare` before anything imports `mlx.core`.
"""

"""The student, on MLX: base model, rows and batches, loss, training, generation.

May come in: params blocks, a base model's folder, dataset rows, chat messages. Out go adapters in mlx-lm's format
and responses. Knows nothing of exams, teachers or answers: whoever wants a response judged passes it on.

Import `stages.student.cpu` and call `prepare` before anything imports `mlx.core`.
"""

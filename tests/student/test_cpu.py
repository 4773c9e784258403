"""Matrix products on a CPU are OpenBLAS, with the threads asked for; elsewhere nothing is touched."""

import subprocess
import sys
import time

import pytest

from tests.student import tiny  # first: it prepares the CPU before MLX is loaded

# isort: split
import mlx.core as mx
import numpy as np

from stages.student import cpu
from stages.study.errors import StudyError

linux_cpu = pytest.mark.skipif(cpu._openblas is None, reason="only where MLX runs on a Linux CPU")


@pytest.mark.parametrize(("rows", "inner", "columns"), [(1, 64, 300), (33, 65, 17), (128, 576, 192)])
@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_products_are_numpys(rows, inner, columns, dtype):
    random = np.random.default_rng(1)
    a, b, c = (random.normal(size=shape).astype(dtype) for shape in ((rows, inner), (inner, columns), (columns, inner)))
    for ours, theirs in ((mx.array(a) @ mx.array(b), a @ b), (mx.array(a) @ mx.array(c).T, a @ c.T)):
        np.testing.assert_allclose(np.array(ours), theirs, rtol=1e-4, atol=1e-4)


def product_time() -> float:
    a = mx.random.normal((512, 512))
    mx.eval(a)
    times = []
    for _ in range(4):
        start = time.perf_counter()
        mx.eval(a @ a.T)
        times.append(time.perf_counter() - start)
    return min(times)


@linux_cpu
def test_openblas_is_what_mlx_calls():
    """MLX alone does such a product at 5 GFLOP/s, with OpenBLAS at 70 and more on any machine that runs it."""
    script = f"import mlx.core as mx, time\n{_source(product_time)}\nprint(product_time())"
    alone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert product_time() < float(alone.stdout) / 4


def _source(function) -> str:
    import inspect

    return inspect.getsource(function)


@linux_cpu
def test_the_number_of_threads_is_the_one_asked_for():
    """It would not be, had the package's own copy of the library been loaded besides."""
    for threads in (2, 1):
        assert cpu.prepare(threads)
        assert cpu._openblas.scipy_openblas_get_num_threads() == threads


@linux_cpu
def test_coming_after_mlx_is_an_error():
    script = "import mlx.core\nfrom stages.student import cpu\ncpu.prepare(1)"
    late = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "StudyError: mlx.core was imported before" in late.stderr


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not cpu.prepare(4)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(cpu, "_installed", lambda package: False)
    assert not cpu.prepare(4)


@linux_cpu
def test_on_a_gpu_mlx_keeps_its_own_exponentials_and_its_compiler():
    """Though mlx-cpu is installed beside it, as the requirements force."""
    script = (
        "from stages.student import cpu\ncpu.on_gpu = lambda: True\nassert cpu.prepare(1) is False\n"
        "import mlx.nn as nn, sys\nprint(nn.silu.__module__, 'stages.student.exponentials' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mlx.nn.layers.activations", "False"]


def test_the_device_is_asked(monkeypatch):
    assert cpu.on_gpu() == (mx.default_device() == mx.Device(mx.gpu))
    monkeypatch.setattr(mx, "default_device", lambda: mx.Device(mx.gpu))
    assert cpu.on_gpu()
    monkeypatch.setattr(mx, "default_device", lambda: mx.Device(mx.cpu))
    assert not cpu.on_gpu()


@linux_cpu
def test_without_patchelf_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setattr(cpu.shutil, "which", lambda *_, **__: None)
    with pytest.raises(StudyError, match="patchelf: not found; install"):
        cpu._renamed_openblas()


assert tiny

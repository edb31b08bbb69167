"""What the figures were measured on; no name of the machine or of anybody."""

import os
import platform
from importlib import metadata
from pathlib import Path


def facts(work: Path) -> dict[str, object]:
    """Cores, memory, kernel, Python, file system and the product's version."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "memory_kb": _first("/proc/meminfo", "MemTotal").removesuffix(" kB"),
        "load_before": round(os.getloadavg()[0], 2),
        "kernel": platform.release().split("-")[0],
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "file_system": file_system(work),
        "dicomveil": _version(),
    }


def file_system(place: Path) -> str:
    """The type of the file system that holds `place`, as the kernel calls it."""
    lines = Path("/proc/mounts").read_text("utf-8").splitlines()
    mounts = [line.split()[1:3] for line in lines]
    holding = [(point, kind) for point, kind in mounts if place.resolve().is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def _first(path: str, label: str) -> str:
    for line in Path(path).read_text("utf-8").splitlines():
        if line.startswith(label):
            return line.partition(":")[2].strip()
    return "unknown"


def _version() -> str:
    try:
        return metadata.version("dicomveil")
    except metadata.PackageNotFoundError:
        return "not installed"

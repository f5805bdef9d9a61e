"""What runs one program that a model wrote, and lets nothing of it outlast its time.

A script of its own, started as `python -I -S keeper.py` with an empty environment for each program: it needs
the standard library alone, and holds nothing worth reading. The job comes as one JSON object on standard
input, the outcome goes as another to standard output.

    keeper     watches the clock and what is printed; kills
    └── boss   in name spaces of its own: its first process, with the folder of the program for a root
        └── program   python -I; limits, no rights, no environment

Whatever the program starts ends with the boss: the kernel kills all processes of a process name space when
its first one ends. Without name spaces the keeper adopts what is left over, and kills it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from typing import Any, NoReturn

__all__ = ["RUNNER", "main"]

RUNNER = r"""
import json, os, sys, types

job = json.load(sys.stdin)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def tell(reason, said=""):
    os.write(3, json.dumps({"reason": reason, "said": said[:500], "token": job["token"]}).encode())
    os._exit(0)


def words(error):
    try:
        text = str(error)
    except BaseException:
        text = ""
    return f"{type(error).__name__}: {text}".rstrip(": ").replace("\n", " ")


def place(error):
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<program>":
            line = trace.tb_lineno
        trace = trace.tb_next
    lines = job["program"].split("\n")
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


module = types.ModuleType("program")
sys.modules["program"] = module
try:
    code = compile(job["program"], "<program>", "exec")
except BaseException as error:
    tell("syntax_error", words(error))
try:
    exec(code, module.__dict__)
    sys.stdout.flush()
except AssertionError as error:
    tell("wrong_answer", (str(error) or place(error)).replace("\n", " "))
except MemoryError as error:
    tell("out_of_memory", place(error))
except SystemExit as error:
    tell("exited", place(error))
except BaseException as error:
    tell("error", words(error))
tell("passed")
"""
"""Runs the program, and says how that ended, with a token that no program writes by accident."""

# Of <linux/sched.h>, <linux/mount.h> and <linux/prctl.h>, the same on all processors.
NEW_MOUNTS, NEW_HOST_NAME, NEW_IPC = 0x00020000, 0x04000000, 0x08000000
NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND, RECURSIVE = 1, 2, 4, 8, 32, 4096, 16384
PRIVATE = 1 << 18
ATIME_FLAGS = ((1024, 1024), (2048, 2048), (4096, 1 << 21))  # of statvfs, of mount
PARENT_DEATH_SIGNAL, DUMPABLE, ADOPT, NO_NEW_RIGHTS = 1, 4, 36, 38

NOBODY = 65534
INSIDE = 1000  # the program's user, as it sees itself
DEVICES = ("null", "zero", "full", "random", "urandom")
MOST_SAID = 1 << 16
Job = dict[str, Any]


def main() -> None:
    """Run the job on standard input."""
    job = json.loads(sys.stdin.buffer.read())
    outcome = _run(job)
    sys.stdout.write(json.dumps(outcome))
    sys.stdout.flush()


def _run(job: Job) -> dict[str, str]:
    _prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    _prctl(ADOPT, 1)
    result, result_in = os.pipe()
    output, output_in = os.pipe()
    report, report_in = os.pipe()
    unshared, unshared_in = os.pipe()
    mapped, mapped_in = os.pipe()
    boss = os.fork()
    if boss == 0:
        for descriptor in (result, output, report, unshared, mapped_in):
            os.close(descriptor)
        _boss(job, result_in, output_in, report_in, unshared_in, mapped)
    if not job["isolated"]:
        _prctl(DUMPABLE, 0)
    for descriptor in (result_in, output_in, report_in, unshared_in, mapped):
        os.close(descriptor)
    if job["isolated"] and os.read(unshared, 1):
        _map_users(boss)
        os.write(mapped_in, b"1")
    os.close(mapped_in)
    seen, stopped = _watch(job["limits"], {output: "output", result: "result", report: "report"})
    _end(boss)
    left = _kill_descendants()
    # The first process of a name space, which may be on its way out, is none that was left.
    return _judged(job, seen, stopped, left=left and not job["isolated"])


def _watch(limits: dict[str, float], pipes: dict[int, str]) -> tuple[dict[str, bytes], str]:
    """What came through the pipes until the report is whole, and which limit ended that, if one did."""
    deadline = time.monotonic() + limits["wall_seconds"]
    seen, printed = dict.fromkeys(pipes.values(), b""), 0
    open_pipes = dict(pipes)
    while "report" in open_pipes.values():
        left = deadline - time.monotonic()
        if left <= 0:
            return seen, "timeout"
        for descriptor in select.select(list(open_pipes), [], [], left)[0]:
            data, name = os.read(descriptor, 1 << 16), open_pipes[descriptor]
            if not data:
                del open_pipes[descriptor]
            elif name == "output":
                printed += len(data)
            elif len(seen[name]) < MOST_SAID:
                seen[name] += data
        if printed > limits["output_bytes"]:
            return seen, "too_much_output"
    for descriptor, name in open_pipes.items():  # what was written before the end
        os.set_blocking(descriptor, False)
        try:
            seen[name] += os.read(descriptor, MOST_SAID)
        except BlockingIOError:
            continue
    return seen, ""


def _judged(job: Job, seen: dict[str, bytes], stopped: str, *, left: bool) -> dict[str, str]:
    """The reason, and what there is to say."""
    if stopped:
        said = f"{job['limits']['wall_seconds']:g} s" if stopped == "timeout" else ""
        return {"reason": stopped, "said": said}
    try:
        report = json.loads(seen["report"])
    except ValueError:
        return {"reason": "killed", "said": "it killed the process that ran it"}
    if "sandbox" in report:
        return {"reason": "sandbox", "said": report["sandbox"]}
    if os.WIFSIGNALED(report["status"]):
        number = os.WTERMSIG(report["status"])
        if number == signal.SIGXCPU or report["cpu"] >= job["limits"]["cpu_seconds"]:
            return {"reason": "timeout", "said": f"{job['limits']['cpu_seconds']:g} s of the processor"}
        return {"reason": "killed", "said": signal.Signals(number).name}
    try:
        told = json.loads(seen["result"])
        ours = told.pop("token") == job["token"]
    except (ValueError, AttributeError, KeyError):
        ours = False
    if not ours:
        return {"reason": "exited", "said": "it ended before its tests did"}
    if told["reason"] == "passed" and (left or report["left"]):
        return {"reason": "left_processes", "said": "it left processes running"}
    return dict(told)


# ---------------------------------------------------------------- the boss, and the program


def _boss(job: Job, result: int, output: int, report: int, unshared: int, mapped: int) -> NoReturn:
    """In a process of its own; ends it."""
    told: dict[str, Any]
    try:
        _prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)  # the first process of a name space is deaf to these
        _spare_the_rest()
        if job["isolated"]:
            _unshare(unshared, mapped)
            first = os.fork()
            if first:
                for descriptor in (result, output, report):
                    os.close(descriptor)
                os.waitpid(first, 0)
                os._exit(0)
            _prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        _prctl(DUMPABLE, 0)  # where a program is the same user, it could read this process's memory
        if job["isolated"]:
            _new_root(job)
        told = _oversee(job, result, output)
    except OSError as error:
        told = {"sandbox": f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _oversee(job: Job, result: int, output: int) -> dict[str, Any]:
    source, source_in = os.pipe()
    program = os.fork()
    if program == 0:
        try:
            _become_program(job, source, result, output)
        except BaseException as error:  # noqa: BLE001 - nothing may run on in this process
            os.write(2, str(error).encode())
        os._exit(127)
    for descriptor in (source, result, output):
        os.close(descriptor)
    # Where the program is over already, its status says how.
    with suppress(BrokenPipeError), os.fdopen(source_in, "w", encoding="ascii") as pipe:
        json.dump({"program": job["program"], "token": job["token"]}, pipe)
    _, status, used = os.wait4(program, 0)
    left = job["isolated"] and _others_here()
    return {"status": status, "cpu": used.ru_utime + used.ru_stime, "left": left}


def _become_program(job: Job, source: int, result: int, output: int) -> None:
    high = [os.dup(descriptor) for descriptor in (source, output, output, result)]
    for number, descriptor in enumerate(high):
        os.dup2(descriptor, number)
    os.closerange(len(high), 256)
    if not job["isolated"]:
        os.chdir(job["folder"])
        _prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    elif os.getuid() == 0:
        os.setgroups([])
        os.setresgid(INSIDE, INSIDE, INSIDE)
        os.setresuid(INSIDE, INSIDE, INSIDE)
    _limit(job["limits"])
    _prctl(NO_NEW_RIGHTS, 1)
    # Threads of numerical libraries count as processes, one a core.
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": os.getcwd(), **alone}
    os.execve(job["python"], [job["python"], "-I", "-c", RUNNER], environment)  # noqa: S606


def _limit(limits: dict[str, float | None]) -> None:
    """Set the limits of this process. A limit that is None is not set."""
    import resource

    cpu = int(limits["cpu_seconds"] or 0)
    for what, soft, hard in (
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"], limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"], limits["processes"]),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        if soft is None or hard is None:
            continue
        most = resource.getrlimit(what)[1]
        wanted = int(hard) if most == resource.RLIM_INFINITY else min(int(hard), most)
        try:
            resource.setrlimit(what, (min(int(soft), wanted), wanted))
        except ValueError:  # macOS does not limit the address space
            if what != resource.RLIMIT_AS:
                raise


def _spare_the_rest() -> None:
    """Where memory runs out, the kernel takes this first."""
    with suppress(OSError):  # no Linux
        _write("/proc/self/oom_score_adj", "1000")


# ---------------------------------------------------------------- name spaces


def _unshare(unshared: int, mapped: int) -> None:
    """Raises OSError where the system does not allow it."""
    spaces = NEW_USER | NEW_MOUNTS | NEW_PROCESSES | NEW_NETWORK | NEW_IPC | NEW_HOST_NAME
    _checked(_libc().unshare(spaces), "name spaces")
    os.write(unshared, b"1")
    if not os.read(mapped, 1):
        raise OSError(1, "users could not be mapped")
    if _is_root_mapped():
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)


def _is_root_mapped() -> bool:
    with open("/proc/self/uid_map", encoding="ascii") as file:
        return file.read().split()[:1] == ["0"]


def _map_users(boss: int) -> None:
    """Root maps nobody, so that limits by user hold; anybody else can map themselves alone."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        users = groups = f"0 0 1\n{INSIDE} {NOBODY} 1\n"
    else:
        users, groups = f"{INSIDE} {user} 1\n", f"{INSIDE} {group} 1\n"
    try:
        if user != 0:
            _write(f"/proc/{boss}/setgroups", "deny")
        _write(f"/proc/{boss}/uid_map", users)
        _write(f"/proc/{boss}/gid_map", groups)
    except OSError:
        os.kill(boss, signal.SIGKILL)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _new_root(job: Job) -> None:
    """A root of what Python needs, read-only, and a folder of its own in memory: `/tmp`. No `/proc`, no home,
    no `/etc`. Raises OSError where the system does not allow it."""
    root = job["folder"]
    _mount("none", "/", flags=RECURSIVE | PRIVATE)
    _mount("tmpfs", root, "tmpfs", NO_SUID | NO_DEVICES, "size=1m,mode=755")
    for path in job["paths"]:
        if os.path.islink(path):
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            os.symlink(os.readlink(path), root + path)
        elif os.path.isdir(path):
            os.makedirs(root + path, exist_ok=True)
            _mount(path, root + path, flags=BIND | RECURSIVE)
        elif os.path.exists(path):
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            _bind_file(path, root + path)
    os.makedirs(f"{root}/dev")
    for name in DEVICES:
        _bind_file(f"/dev/{name}", f"{root}/dev/{name}")
    for place in reversed(_mounted_below(root)):
        if not place.startswith(f"{root}/dev/"):
            _make_read_only(place)
    size = int(job["limits"]["disk_bytes"])
    for name in ("tmp", "dev/shm"):
        os.makedirs(f"{root}/{name}")
        _mount(
            "tmpfs", f"{root}/{name}", "tmpfs", NO_SUID | NO_DEVICES, f"size={size},nr_inodes=4096,mode=1777"
        )
    _make_read_only(root)
    os.chroot(root)
    os.chdir("/tmp")  # noqa: S108 - of the new root


def _bind_file(path: str, target: str) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    _mount(path, target, flags=BIND)


def _mounted_below(root: str) -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        places = [line.split(" ")[4] for line in file]
    return [place.encode().decode("unicode_escape") for place in places if place.startswith(f"{root}/")]


def _make_read_only(place: str) -> None:
    """Keeping the flags that it has: those of a mount from outside are locked."""
    found = os.statvfs(place).f_flag
    flags = found & (NO_SUID | NO_DEVICES | NO_EXEC)
    flags |= sum(ours for theirs, ours in ATIME_FLAGS if found & theirs)
    _mount("none", place, flags=REMOUNT | BIND | READ_ONLY | NO_SUID | flags)


def _mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    arguments = [os.fsencode(text) if text else None for text in (source, target, kind)]
    _checked(_libc().mount(*arguments, flags, options.encode() if options else None), target)


def _libc() -> Any:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "mount"):
        text = ctypes.c_char_p
        libc.mount.argtypes = (text, text, text, ctypes.c_ulong, text)
    return libc


def _checked(result: int, what: str) -> None:
    import ctypes

    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc().prctl(option, int(value), 0, 0, 0)


# ---------------------------------------------------------------- the end


def _others_here() -> bool:
    """In a process name space, as its first process: whether others still run."""
    for _ in range(5):  # those that are about to end may do so
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        try:
            os.kill(-1, 0)
        except (ProcessLookupError, PermissionError):
            return False
        time.sleep(0.02)
    return True


def _end(boss: int) -> None:
    for kill in (os.kill, os.killpg):
        try:
            kill(boss, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue  # it is over
    with suppress(ChildProcessError):
        os.waitpid(boss, 0)


def _kill_descendants() -> bool:
    """All that this process has adopted, however often they fork. Whether there was one that was not over."""
    found = False
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return found  # none left
        for process in _descendants():
            found = True
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.002)


def _descendants() -> list[int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(name)] = int(parent)
    below, grown = {os.getpid()}, True
    while grown:
        more = {process for process, parent in parents.items() if parent in below} - below
        below, grown = below | more, bool(more)
    return list(below - {os.getpid()})


if __name__ == "__main__":
    main()

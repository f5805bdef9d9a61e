"""Commands that share one import of torch, which takes most of their time: a program that forks for each.

It reads a line of JSON for each thing to do: `arguments` of `selfinstruct`, its `environment` and the file
for its `output`, and answers with the process's number; or the number to `wait` for, and answers with its
exit code.
"""

import json
import os
import sys

import datasets
import peft
import torch
import transformers
import trl
from torch import distributed

from selfinstruct.cli import main

LOADED = (
    datasets,
    peft,
    torch,
    transformers,
    trl,
    distributed,
    trl.SFTTrainer,
    transformers.AutoModelForCausalLM,
)


def command(arguments: list[str], environment: dict[str, str], output: str) -> None:
    os.environ.update(environment)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.argv = ["selfinstruct", *arguments]
    main()


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        if "wait" in asked:
            answer = os.waitstatus_to_exitcode(os.waitpid(asked["wait"], 0)[1])
        else:
            answer = os.fork()
            if not answer:
                command(**asked)
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()

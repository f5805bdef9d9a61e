"""Tuning a model on a run's data set or on an exported file, and writing what comes of it.

Needs the extra `train` (torch, transformers, trl, peft), loaded only when a tuning begins. Does not generate,
does not evaluate, and never changes the data.

    OUT/
      config.toml      what was asked, resolved; written first
      checkpoints/     where a killed tuning goes on; removed once the model is written
      losses.jsonl     the curve: a line a step, and one for every measurement on held-out rows
      losses.svg       the same, drawn
      model/           what `transformers` loads: the tuned model, or a LoRA tuning's merged one (--merge)
      adapter/         of a LoRA tuning: what `peft` loads
      model.gguf       with --gguf: what llama.cpp runs
      README.md        the model card
      result.json      the numbers; written last, so that where it is, the tuning is done
      .lock            locked by the one process that writes
"""

"""The `chat` recipe: prompts for instruct models, which answer in JSON or in something like it.

The paper's steps (section 2.2) in fewer requests: new instructions say of themselves whether they are
classification tasks, so that only instances are left to ask for.
"""

"""What people and judges said of rows and answers: questions, decisions, shares, and how far raters agree.

Reads ratings through store/. Shows no page and asks nobody: review/ does.
"""

"""What all pages of the house share: the look, the templates, and a small server for the live ones.

    style.css, theme.js    the look, light and dark, wide and narrow, on paper
    page.html              the frame that every page extends: `{% extends "page.html" %}`
    message.html           one sentence on a page of its own: an error, an end
    templates.py           rendering, in which every value is text until it says otherwise
    json_script.py         data for a script, in a form that no text can break out of
    guard.py               who may see and write a served page
    server.py              serving pages until Ctrl-C

Knows nothing of runs, ratings or charts: report/ and review/ put those into it. Nothing in a page asks
anybody but its own server for anything.
"""

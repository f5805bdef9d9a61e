"""One request from its intent to its completion: budget, retries, pacing, engines, interruptions.

Knows neither what is asked nor why: recipes/ and pipeline/ do. The only place that calls models; what it is
told to keep, it keeps through store/.
"""

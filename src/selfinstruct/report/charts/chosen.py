"""Which charts a run's page has: those that there is something to show in."""

from __future__ import annotations

from selfinstruct.report.charts.chart import Chart
from selfinstruct.report.charts.coverage import format_chart, topic_chart, verb_share_chart
from selfinstruct.report.charts.evaluated import evaluated_chart
from selfinstruct.report.charts.growth import acceptance_chart, task_chart
from selfinstruct.report.charts.spreads import length_chart, pool_chart, seed_chart
from selfinstruct.report.charts.usage import latency_chart, pace_chart
from selfinstruct.report.charts.verbs import verb_chart
from selfinstruct.report.charts.yields import yield_chart
from selfinstruct.report.figures import Figures

__all__ = ["charts_of"]


def charts_of(figures: Figures) -> dict[str, Chart]:
    """By their ids."""
    charts = [yield_chart(figures.funnel)]
    if figures.verb_objects.with_both:
        charts.append(verb_chart(figures.verb_objects))
    if figures.run.tasks:
        paper, lengths = figures.paper_statistics, figures.lengths
        charts += [
            seed_chart(figures.similarity),
            pool_chart(figures.similarity),
            length_chart("instructions", "Instructions", lengths.instructions, paper.instruction_words),
            length_chart("inputs", "Inputs that are not empty", lengths.inputs, paper.input_words),
            length_chart("outputs", "Outputs", lengths.outputs, paper.output_words),
            format_chart(figures.coverage),
            verb_share_chart(figures.coverage),
            topic_chart(figures.coverage),
        ]
    if figures.growth.tickets:
        charts += [task_chart(figures.growth), acceptance_chart(figures.growth)]
    if figures.usage.seconds.count:
        charts.append(latency_chart(figures.usage))
    if figures.usage.pace is not None:
        charts.append(pace_chart(figures.usage.pace))
    charts += [evaluated_chart(number, each) for number, each in enumerate(figures.evaluated)]
    return {chart.id: chart for chart in charts}

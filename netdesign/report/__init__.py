"""The report: one HTML file that needs nothing else, made from a finished run's files."""

from netdesign.report.html import render_report

__all__ = ["render_report"]

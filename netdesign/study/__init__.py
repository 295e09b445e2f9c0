"""The planner's workflow: tables of customers and sites in; networks, routed days and a report out.

study = Study.read("examples/netherlands")
run = study.run()
run.summary["headline"], run.report
"""

from netdesign.study.pipeline import SegmentRun, StudyRun
from netdesign.study.problems import Problem, StudyError
from netdesign.study.sample import new_study
from netdesign.study.study import Study, lint

__all__ = ["Problem", "SegmentRun", "Study", "StudyError", "StudyRun", "lint", "new_study"]

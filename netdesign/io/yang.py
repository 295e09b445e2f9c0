"""The files of Yang, Chu and Chen for single-source location with capacities: laid out as Holmberg's.

Yang, Chu and Chen, "A cut-and-solve based algorithm for the single-source capacitated facility location problem",
European Journal of Operational Research 221 (2012).
"""

from netdesign.io.holmberg import parse

__all__ = ["parse"]

"""Models of which the host computes a part: several programs of the array, and host segments.

partition  which operators are whose, and the graph cut into segments
host_graph a host segment as JSON and constants, and what runs it
archive    the file: images and host segments with a manifest
compile    a model to a pipeline
pipeline   running it, and what it costs
check      the array's parts against the reference model, the whole against float
"""

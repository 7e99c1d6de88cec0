"""From a model to a program image, and what can be asked of one."""

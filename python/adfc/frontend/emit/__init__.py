"""From a quantized fx graph to TOSA 1.0 integer operators."""

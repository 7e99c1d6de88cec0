"""The model of the walk through the compiler: one layer, small enough that its IR can be read."""

import torch


def model():
    """A convolution with its activation, on a picture of 8 x 8."""
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU())
    return layers.eval(), (torch.randn(1, 3, 8, 8),)

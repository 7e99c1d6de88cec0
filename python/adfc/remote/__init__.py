"""Boards in a network: images uploaded to them, and inferences asked of them."""

from adfc.remote.address import INFERENCE_PORT, UPLOAD_PORT, Address
from adfc.remote.inference import InferenceClient, RemoteModel, RemoteRun
from adfc.remote.upload import BoardStatus, read_status, upload

__all__ = [
    "INFERENCE_PORT",
    "UPLOAD_PORT",
    "Address",
    "BoardStatus",
    "InferenceClient",
    "RemoteModel",
    "RemoteRun",
    "read_status",
    "upload",
]

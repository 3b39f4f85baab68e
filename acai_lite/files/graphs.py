"""A training step recorded once as a CUDA graph and played again: a GPU then waits for no Python between its kernels.

A graph plays the same kernels on the same memory. So whatever changes from step to step (images, noise, learning rates) must
lie in fixed places, as tensors, and is copied there before each play. `fit(..., fast=True)` on a GPU uses it.
"""
import torch

WARM_UP = 3                                     # steps before the recording: they make optimiser states and choose kernels


class Recorded:
    """recorded(**inputs) does what function(**inputs) does; inputs are tensors, numbers, None, or dictionaries of these.

    function must return {name: tensor}, keep its state in place in tensors, and never wait for the device. Without a GPU
    everything is the same, fixed places included, but the function is called each time instead of played.
    """

    def __init__(self, function, device):
        self.function, self.device = function, torch.device(device)
        self.places, self.graph, self.made, self.calls = None, None, None, 0

    def __call__(self, **inputs):
        if self.places is None:
            self.places = {name: self._place(value) for name, value in inputs.items()}
        for name, value in inputs.items():
            self._fill(self.places[name], value)
        self.calls += 1
        if self.device.type != "cuda":
            return self.function(**self.places)
        if self.calls <= WARM_UP:
            return self._aside()
        if self.graph is None:
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):                         # recorded, not run
                self.made = self.function(**self.places)
        self.graph.replay()
        return {name: value.clone() for name, value in self.made.items()}

    def _place(self, value):
        if isinstance(value, dict):
            return {name: self._place(part) for name, part in value.items()}
        if torch.is_tensor(value):
            return torch.empty_like(value, device=self.device)
        return None if value is None else torch.zeros((), device=self.device)

    def _fill(self, place, value):
        if isinstance(value, dict):
            for name, part in value.items():
                self._fill(place[name], part)
        elif torch.is_tensor(value):
            place.copy_(value, non_blocking=True)
        elif value is not None:
            place.fill_(value)

    def _aside(self):
        """One call on a stream of its own, as PyTorch asks for before a recording."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            made = self.function(**self.places)
        torch.cuda.current_stream().wait_stream(stream)
        return made

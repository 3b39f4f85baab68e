"""A pretended device without float64, as Apple's MPS is one, for machines that have none.

Tensors that `put` marks count as being on it, and so does whatever is computed from them, until
`cpu()` or `to("cpu")`. Inside `with Device():` a float64 tensor there, numpy of a tensor there, and
an operation on tensors here and there raise what PyTorch raises. The numbers stay on the CPU, so
results are exactly those of the CPU. What happens inside one call of PyTorch, and in its backward
passes, is not seen.
"""
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

NAME = torch.device("mps")
ANYWHERE = {"to", "copy_", "__setitem__", "__getitem__", "grad"}       # take tensors of both sides


class There(torch.Tensor):
    """A tensor that is on the device."""
    __torch_function__ = torch._C._disabled_torch_function_impl


class Device(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        tensors = [a for a in tree_flatten((args, kwargs))[0] if isinstance(a, torch.Tensor)]
        there = [a for a in tensors if isinstance(a, There)]
        if func == torch.Tensor.device.__get__:
            return NAME if there else torch.device("cpu")
        if there and name in ("numpy", "__array__"):
            raise TypeError("can't convert mps device type tensor to numpy")
        if there and name not in ANYWHERE and any(a.ndim for a in tensors
                                                  if not isinstance(a, There)):
            raise RuntimeError(f"{name}: expected all tensors to be on the same device")
        marked = bool(there)
        if name == "cpu":
            marked = False
        elif name == "to":
            wanted = [*args[1:], *kwargs.values()]
            marked = isinstance(args[0], There)
            for a in wanted:
                if isinstance(a, (str, torch.device)):
                    marked = torch.device(a) == NAME
                elif isinstance(a, torch.Tensor):
                    marked, dtype = isinstance(a, There), a.dtype
                    wanted = [dtype]
            found = args[0]
            for dtype in wanted:
                found = found.to(dtype) if isinstance(dtype, torch.dtype) else found
            return mark(found) if marked else found.as_subclass(torch.Tensor)
        elif kwargs.get("device") is not None and torch.device(kwargs["device"]) == NAME:
            kwargs["device"], marked = "cpu", True
        found = func(*args, **kwargs)
        return tree_map(mark if marked else plain, found)


def mark(found):
    if not isinstance(found, torch.Tensor) or isinstance(found, There):
        return found
    if found.dtype in (torch.float64, torch.complex128):
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't "
                        "support float64. Please use float32 instead.")
    return found.as_subclass(There)


def plain(found):
    return found.as_subclass(torch.Tensor) if isinstance(found, There) else found


def put(what):
    """A tensor, or a model with all its parameters and buffers, on the device."""
    if isinstance(what, torch.Tensor):
        return mark(what)
    for module in what.modules():
        for own in (module._parameters, module._buffers):
            for name, value in own.items():
                own[name] = value if value is None else mark(value.detach())
    return what



#!/usr/bin/python3
# Makes the archives beside it (torch 1.13, Debian's python3-torch): what tst_torchscript.cpp reads. usage: make.py
import os, pickle, zipfile
from typing import Dict, List, Optional
import numpy as np, torch
from torch import nn, Tensor
import torch.nn.functional as F

here = os.path.dirname(os.path.abspath(__file__))


class Block(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=2, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.act(self.norm(self.conv(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding='valid')
        self.blocks = nn.ModuleList([Block(4), Block(4)])
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor, gain: Optional[float] = None) -> Dict[str, Tensor]:
        x = F.hardtanh(self.stem(x), 0.0, 6.0)
        parts: List[Tensor] = []
        for block in self.blocks:
            x = block(x)
            parts.append(x)
        y = F.interpolate(torch.cat(parts, 1), scale_factor=2.0, mode='nearest')
        n, c, h, w = y.shape
        if h > 8:
            y = F.max_pool2d(y, 2)
        else:
            y = y.view(n, c * h, w)
        i = 0
        while i < 3:
            y = y * 0.5 + float(i)
            i += 1
        if gain is not None:
            y = y * gain
        return {'scores': self.head(self.drop(y.mean([2, 3]))), 'map': y}


class Branches(nn.Module):
    """What it does depends on the values themselves."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if bool(x.sum() > 0):
            x = x * 2
        return x


class Unknown(nn.Module):
    """One operator that the reader does not know, in the middle."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 2, 1)
        self.last = nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(torch.special.i0(self.first(x)))


torch.manual_seed(7)
net = Net().eval()
for block in net.blocks:
    block.norm.running_mean.uniform_(-0.2, 0.2)
    block.norm.running_var.uniform_(0.5, 2)
x = torch.randn(1, 3, 13, 13)
out = net(x)
np.save(here + '/in.npy', x.numpy())
np.save(here + '/scores.npy', out['scores'].detach().numpy())
np.save(here + '/map.npy', out['map'].detach().numpy())
scripted = torch.jit.script(net)
scripted.save(here + '/scripted.pt')
torch.jit.freeze(scripted).save(here + '/frozen.pt')
torch.jit.trace(net, (x,), strict=False).save(here + '/traced.pt')
torch.jit.script(Branches()).save(here + '/branches.pt')
torch.jit.script(Unknown()).save(here + '/unknown.pt')
torch.save(Unknown().state_dict(), here + '/state_dict.pt')
torch.save({'weight': torch.zeros(3)}, here + '/legacy.pt', _use_new_zipfile_serialization=False)

using HpcTrain.Kernels;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Brings the gradients of a backward pass into the flat buffer. Backward would read, add and write a gradient that is there already, after somebody set it to zero;
/// finding none it leaves its own tensor, which is copied once, while it is in the cache. After the pass gradients are views of the flat buffer.
/// </summary>
internal sealed unsafe class GradientCollector(FlatModel model)
{
    private readonly bool[] _taken = new bool[model.Slots.Count];
    private readonly bool[] _reported = new bool[model.Slots.Count];
    private bool _first;

    /// <summary>Begins a pass.</summary>
    /// <param name="first">Whether it is the first one of a step, which replaces what is in the buffer; others add to it.</param>
    public void Begin(bool first)
    {
        _first = first;
        Array.Clear(_taken);
        Array.Clear(_reported);
        model.DetachGradients();
    }

    /// <summary>A parameter is said to be complete: takes its gradient, which is zero if backward has left none.</summary>
    public void Report(int slot)
    {
        _reported[slot] = true;
        if (!Take(slot))
        {
            ClearUntaken(slot);
        }
    }

    /// <summary>Ends a pass for a parameter: takes what backward has left meanwhile; a parameter that nothing was left for has a gradient of zero.</summary>
    /// <returns>Whether there was something although the parameter had been said to be complete.</returns>
    public bool Finish(int slot)
    {
        var came = Take(slot);
        if (!_reported[slot])
        {
            ClearUntaken(slot);
        }

        model.AttachGradient(slot);
        return _reported[slot] && came;
    }

    private bool Take(int slot)
    {
        using var gradient = model.Parameters[slot].grad;
        if (gradient is null)
        {
            return false;
        }

        Bring(gradient, slot, replace: _first && !_taken[slot]);
        _taken[slot] = true;
        model.Parameters[slot].grad = null;
        return true;
    }

    private void ClearUntaken(int slot)
    {
        if (_first && !_taken[slot])
        {
            model.Gradients.Slice(model.Slots[slot].Offset, model.Slots[slot].Count).Clear();
        }
    }

    private void Bring(Tensor gradient, int slot, bool replace)
    {
        var place = model.Slots[slot];
        using var plain = gradient.is_contiguous() ? null : gradient.contiguous();
        fixed (byte* from = TensorMemory.Bytes(plain ?? gradient))
        fixed (float* to = model.Gradients.Slice(place.Offset, place.Count))
        {
            if (gradient.dtype != ScalarType.Float32)
            {
                BringHalf(FlatModel.HalfType(gradient), from, to, place.Count, replace);
            }
            else if (replace)
            {
                HostKernels.Copy(to, from, (nint)place.Count * sizeof(float));
            }
            else
            {
                HostKernels.Reduce(ElementType.F32, ReduceOp.Sum, to, from, place.Count);
            }
        }
    }

    private static void BringHalf(ElementType type, void* from, float* to, int count, bool replace)
    {
        if (replace)
        {
            HostKernels.Cast(type, from, ElementType.F32, to, count);
        }
        else
        {
            HostKernels.ReduceInto(ReduceOp.Sum, to, type, from, count);
        }
    }
}

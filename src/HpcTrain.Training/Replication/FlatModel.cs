using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// A model whose trained parameters and gradients live in two flat f32 buffers, one after the other in the order of
/// <c>named_parameters</c>. The module's own tensors become views of the buffers, so autograd adds into the flat gradient,
/// one collective averages it, and the optimizer is one pass over flat memory.
/// </summary>
/// <remarks>
/// Each parameter starts at a multiple of 64 bytes, as SIMD kernels and oneDNN like it; the gaps stay zero. The module
/// must not be moved to another type or device afterwards, and its <c>zero_grad</c> must not be called (it would cut the
/// gradients loose): optimizers leave zeros, and <see cref="ZeroGradients"/> drops what backward has added. Frozen parameters and buffers stay where they are and are
/// listed in <see cref="OtherState"/>. Not thread-safe.
/// </remarks>
public sealed class FlatModel : IDisposable
{
    private const int AlignmentElements = 64 / sizeof(float);
    private readonly Tensor _values;
    private readonly Tensor _gradients;
    private readonly List<Tensor> _parameters = [];

    /// <summary>Moves a module's parameters into flat buffers, values kept.</summary>
    /// <param name="module">The model; it stays the caller's and must outlive this object.</param>
    /// <exception cref="TrainingException">A trained parameter is not f32 on the CPU, or there is none.</exception>
    public FlatModel(nn.Module module)
    {
        Module = module;
        var slots = new List<ParameterSlot>();
        var other = new List<(string, Tensor)>();
        var next = 0;
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (!parameter.requires_grad)
            {
                other.Add((name, parameter));
                continue;
            }

            if (parameter.dtype != ScalarType.Float32 || parameter.device_type != DeviceType.CPU)
            {
                throw new TrainingException(
                    $"parameter {name} is {parameter.dtype} on {parameter.device_type}: data parallel training takes f32 parameters on the CPU.");
            }

            var count = checked((int)parameter.numel());
            slots.Add(new ParameterSlot(name, parameter.shape, next, count));
            _parameters.Add(parameter);
            next = checked(next + ((count + AlignmentElements - 1) / AlignmentElements * AlignmentElements));
        }

        if (slots.Count == 0)
        {
            throw new TrainingException($"the model {module.GetName()} has no parameter that requires a gradient, there is nothing to train.");
        }

        other.AddRange(module.named_buffers());
        OtherState = other;
        Slots = slots;
        using var outside = torch.NewDisposeScope();
        _values = torch.zeros(next).DetachFromDisposeScope();
        _gradients = torch.zeros(next).DetachFromDisposeScope();
        using var noGrad = torch.no_grad();
        for (var i = 0; i < slots.Count; i++)
        {
            var view = View(_values, slots[i]);
            view.copy_(_parameters[i]);
            _parameters[i].set_(view);
            _parameters[i].grad = View(_gradients, slots[i]);
        }
    }

    /// <summary>The module.</summary>
    public nn.Module Module { get; }

    /// <summary>Where each trained parameter lies, in the order of <c>named_parameters</c>.</summary>
    public IReadOnlyList<ParameterSlot> Slots { get; }

    /// <summary>Frozen parameters and buffers (as batch norm's statistics), by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> OtherState { get; }

    /// <summary>All trained parameters; gaps between them are zero. Valid while this object lives.</summary>
    public Span<float> Values => TensorMemory.Floats(_values);

    /// <summary>All gradients, laid out as <see cref="Values"/>. Valid while this object lives.</summary>
    public Span<float> Gradients => TensorMemory.Floats(_gradients);

    /// <summary>Number of trained parameters, in elements, gaps not counted.</summary>
    public long ParameterCount => Slots.Sum(s => (long)s.Count);

    /// <summary>Sets all gradients to zero, keeping them views of the flat buffer.</summary>
    public void ZeroGradients() => Gradients.Clear();

    /// <summary>SHA-256 over all trained parameters in order; equal digests mean equal bits.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var values = Values;
        foreach (var slot in Slots)
        {
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.Slice(slot.Offset, slot.Count)));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Frees the flat buffers; the module's parameters keep their values as long as they live.</summary>
    public void Dispose()
    {
        _values.Dispose();
        _gradients.Dispose();
    }

    private static Tensor View(Tensor flat, ParameterSlot slot)
        => flat.narrow(0, slot.Offset, slot.Count).view([.. slot.Shape]);
}

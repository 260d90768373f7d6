using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HpcTrain.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// A model whose trained parameters and gradients live in two flat f32 buffers, one after the other in the order of
/// <c>named_parameters</c>. The module's own tensors become views of the buffers (but for layers that compute in 16 bits), so one collective averages gradients, and the optimizer is one pass over flat memory.
/// </summary>
/// <remarks>
/// The module must not be moved to another type or device afterwards, and its <c>zero_grad</c> must not be called (it would cut the
/// gradients loose); <see cref="ZeroGradients"/> drops what backward has added. Frozen parameters and buffers stay where they are and are
/// listed in <see cref="OtherState"/>. Not thread-safe.
/// </remarks>
public sealed unsafe class FlatModel : IDisposable
{
    private readonly OverlaidTensor _values;
    private readonly OverlaidTensor _gradients;
    private readonly Tensor[] _gradientViews;
    private readonly HalfLayers? _halfLayers;

    /// <summary>Moves a module's parameters into flat buffers, values kept.</summary>
    /// <param name="module">The model; it stays the caller's and must outlive this object.</param>
    /// <param name="ranks">How many equal blocks a bucket must have, see <see cref="FlatLayout"/>.</param>
    /// <param name="bucketBytes">From how many bytes on a bucket takes no further parameter.</param>
    /// <param name="precision">In what linear layers and convolutions compute; their own parameters then are 16-bit copies, see <see cref="Refresh"/>.</param>
    /// <exception cref="TrainingException">A trained parameter is not f32 on the CPU, there is none, or libtorch cannot compute so.</exception>
    public FlatModel(nn.Module module, int ranks = 1, long bucketBytes = FlatLayout.DefaultBucketBytes, ComputePrecision precision = ComputePrecision.F32)
    {
        Module = module;
        var trained = new List<(string Name, Tensor Parameter)>();
        var frozen = new List<(string, Tensor)>();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (!parameter.requires_grad)
            {
                frozen.Add((name, parameter));
                continue;
            }

            if (parameter.dtype != ScalarType.Float32 || parameter.device_type != DeviceType.CPU)
            {
                throw new TrainingException(
                    $"parameter {name} is {parameter.dtype} on {parameter.device_type}: data parallel training takes f32 parameters on the CPU.");
            }

            trained.Add((name, parameter));
        }

        if (trained.Count == 0)
        {
            throw new TrainingException($"the model {module.GetName()} has no parameter that requires a gradient, there is nothing to train.");
        }

        Layout = FlatLayout.Create([.. trained.Select(t => (t.Name, (IReadOnlyList<long>)t.Parameter.shape))], ranks, bucketBytes);
        _values = new OverlaidTensor(Layout.Length);
        _gradients = new OverlaidTensor(Layout.Length);
        using var outside = NewDisposeScope();
        using var noGrad = no_grad();
        _gradientViews = [.. Slots.Select(slot => View(_gradients.Values, slot).DetachFromDisposeScope())];
        var views = Slots.Select(slot => View(_values.Values, slot)).ToList();
        for (var i = 0; i < Slots.Count; i++)
        {
            views[i].copy_(trained[i].Parameter);
        }

        if (precision != ComputePrecision.F32)
        {
            _halfLayers = new HalfLayers(module, precision == ComputePrecision.BF16 ? ScalarType.BFloat16 : ScalarType.Float16);
            var converted = module.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
            trained = [.. trained.Select(t => (t.Name, converted[t.Name]))];
            frozen = [.. frozen.Select(f => (f.Item1, converted[f.Item1]))];
        }

        Buffers = [.. module.named_buffers()];
        OtherState = [.. frozen, .. Buffers];
        Parameters = [.. trained.Select(t => t.Parameter)];
        for (var i = 0; i < Slots.Count; i++)
        {
            if (!IsHalf(i))
            {
                Parameters[i].set_(views[i]);
                Parameters[i].grad = _gradientViews[i];
            }
        }
    }

    /// <summary>The module.</summary>
    public nn.Module Module { get; }

    /// <summary>Where everything lies.</summary>
    public FlatLayout Layout { get; }

    /// <summary>Where each trained parameter lies, in the order of <c>named_parameters</c>.</summary>
    public IReadOnlyList<ParameterSlot> Slots => Layout.Slots;

    /// <summary>Frozen parameters and buffers (as batch norm's statistics), by name.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> OtherState { get; }

    /// <summary>Buffers (as batch norm's statistics), by name: what forward may change.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Buffers { get; }

    /// <summary>All trained parameters; gaps between them are zero. Valid while this object lives.</summary>
    public Span<float> Values => new(ValuePages, Layout.Length);

    /// <summary>All gradients, laid out as <see cref="Values"/>. Valid while this object lives.</summary>
    public Span<float> Gradients => new(GradientPages, Layout.Length);

    /// <summary>Number of trained parameters, in elements, gaps not counted.</summary>
    public long ParameterCount => Slots.Sum(s => (long)s.Count);

    /// <summary>The trained parameters, by slot; views of the flat buffer.</summary>
    internal IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>Bytes of each flat buffer, whole pages.</summary>
    internal nint Bytes => _values.Bytes;

    private float* ValuePages => (float*)_values.Pages;

    private float* GradientPages => (float*)_gradients.Pages;

    /// <summary>Gives 16-bit parameters the values of the flat buffer, rounded to nearest; after the buffer was changed.</summary>
    public void Refresh()
    {
        if (_halfLayers is null)
        {
            return;
        }

        for (var i = 0; i < Slots.Count; i++)
        {
            if (IsHalf(i))
            {
                fixed (byte* half = TensorMemory.Bytes(Parameters[i]))
                {
                    HostKernels.Cast(ElementType.F32, ValuePages + Slots[i].Offset, HalfType(Parameters[i]), half, Slots[i].Count);
                }
            }
        }
    }

    /// <summary>Sets all gradients to zero, keeping them views of the flat buffer.</summary>
    public void ZeroGradients() => Gradients.Clear();

    /// <summary>SHA-256 over all trained parameters in order; equal digests mean equal bits.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var values = Values;
        foreach (var slot in Slots)
        {
            hash.AppendData(MemoryMarshal.AsBytes(values.Slice(slot.Offset, slot.Count)));
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Frees the flat buffers; the module's parameters keep their values as long as they live.</summary>
    public void Dispose()
    {
        foreach (var view in _gradientViews)
        {
            view.Dispose();
        }

        _halfLayers?.Dispose();
        _values.Dispose();
        _gradients.Dispose();
    }

    /// <summary>The type of a 16-bit tensor, as kernels name it.</summary>
    internal static ElementType HalfType(Tensor tensor) => tensor.dtype == ScalarType.BFloat16 ? ElementType.BF16 : ElementType.F16;

    /// <summary>Lets the parameters live in shared memory, see <see cref="OverlaidTensor.TryLayOver"/>.</summary>
    internal bool TryPlaceValues(void* memory) => _values.TryLayOver(memory);

    /// <summary>Lets the gradients live in shared memory.</summary>
    internal bool TryPlaceGradients(void* memory) => _gradients.TryLayOver(memory);

    /// <summary>Cuts all gradients loose, so that backward leaves its own tensors instead of adding to the flat buffer.</summary>
    internal void DetachGradients()
    {
        foreach (var parameter in Parameters)
        {
            parameter.grad = null;
        }
    }

    /// <summary>Makes a parameter's gradient a view of the flat buffer again.</summary>
    internal void AttachGradient(int slot)
    {
        if (!IsHalf(slot))
        {
            Parameters[slot].grad = _gradientViews[slot];
        }
    }

    private bool IsHalf(int slot) => Parameters[slot].dtype != ScalarType.Float32;

    private static Tensor View(Tensor flat, ParameterSlot slot)
        => flat.narrow(0, slot.Offset, slot.Count).view([.. slot.Shape]);
}

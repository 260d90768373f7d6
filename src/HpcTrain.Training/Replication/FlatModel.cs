using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// A model whose trained parameters and gradients live in two flat f32 buffers, one after the other in the order of
/// <c>named_parameters</c>. The module's own tensors become views of the buffers, so one collective averages gradients, and the optimizer is one pass over flat memory.
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

    /// <summary>Moves a module's parameters into flat buffers, values kept.</summary>
    /// <param name="module">The model; it stays the caller's and must outlive this object.</param>
    /// <param name="ranks">How many equal blocks a bucket must have, see <see cref="FlatLayout"/>.</param>
    /// <param name="bucketBytes">From how many bytes on a bucket takes no further parameter.</param>
    /// <exception cref="TrainingException">A trained parameter is not f32 on the CPU, or there is none.</exception>
    public FlatModel(nn.Module module, int ranks = 1, long bucketBytes = FlatLayout.DefaultBucketBytes)
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

        Buffers = [.. module.named_buffers()];
        OtherState = [.. frozen, .. Buffers];
        Parameters = [.. trained.Select(t => t.Parameter)];
        Layout = FlatLayout.Create([.. trained.Select(t => (t.Name, (IReadOnlyList<long>)t.Parameter.shape))], ranks, bucketBytes);
        _values = new OverlaidTensor(Layout.Length);
        _gradients = new OverlaidTensor(Layout.Length);
        using var outside = NewDisposeScope();
        using var noGrad = no_grad();
        _gradientViews = [.. Slots.Select(slot => View(_gradients.Values, slot).DetachFromDisposeScope())];
        for (var i = 0; i < Slots.Count; i++)
        {
            var view = View(_values.Values, Slots[i]);
            view.copy_(Parameters[i]);
            Parameters[i].set_(view);
            Parameters[i].grad = _gradientViews[i];
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

        _values.Dispose();
        _gradients.Dispose();
    }

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
    internal void AttachGradient(int slot) => Parameters[slot].grad = _gradientViews[slot];

    private static Tensor View(Tensor flat, ParameterSlot slot)
        => flat.narrow(0, slot.Offset, slot.Count).view([.. slot.Shape]);
}

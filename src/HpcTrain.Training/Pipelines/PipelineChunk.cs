using HpcTrain.Training.Replication;
using static TorchSharp.torch;

namespace HpcTrain.Training.Pipelines;

/// <summary>
/// A run of layers on one rank: computes forward and backward of a micro-batch, whole or in halves, and keeps what lies between them.
/// </summary>
/// <remarks>
/// Backward in halves cuts the graph between layers. The first half takes the gradient of each layer's input, from the last layer to the first; the second the gradients of each
/// layer's parameters, from the gradient of its output. A layer that is a composition walks its own graph in both.
/// </remarks>
internal sealed class PipelineChunk : IDisposable
{
    private readonly nn.Module<Tensor, Tensor>[] _layers;
    private readonly nn.Module _container;
    private readonly bool _recomputes;
    private readonly bool _isSplit;
    private readonly Dictionary<int, Kept> _kept = [];

    /// <param name="layers">Names and layers.</param>
    /// <param name="recomputes">Whether only inputs are kept.</param>
    /// <param name="isSplit">Whether backward comes in halves.</param>
    public PipelineChunk(IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Layer)> layers, bool recomputes, bool isSplit)
    {
        (_layers, _recomputes, _isSplit) = ([.. layers.Select(l => l.Layer)], recomputes, isSplit);
        Names = [.. layers.Select(l => l.Name)];
        _container = nn.Sequential([.. layers]);
        Model = _container.parameters().Any(p => p.requires_grad) ? new FlatModel(_container) : null;
    }

    /// <summary>The layers' names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The parameters in flat buffers; null where there are none to train.</summary>
    public FlatModel? Model { get; }

    /// <summary>Micro-batches that are kept now.</summary>
    public int KeptCount => _kept.Count;

    /// <summary>The most micro-batches that were kept at a time.</summary>
    public int PeakKept { get; private set; }

    /// <summary>A layer's output, without a graph: to see shapes.</summary>
    public Tensor Try(int layer, Tensor input)
    {
        using var quiet = no_grad();
        return _layers[layer].call(input);
    }

    /// <summary>Forward of a micro-batch.</summary>
    /// <param name="microBatch">Its number.</param>
    /// <param name="input">Its input, which belongs to the chunk from now on.</param>
    /// <param name="needsGradient">Whether the gradient of the input is wanted.</param>
    /// <param name="loss">What follows the last layer of the model; null elsewhere.</param>
    /// <param name="keeps">Whether a backward will come.</param>
    /// <returns>The output or loss, without its graph; the caller's.</returns>
    public Tensor Forward(int microBatch, Tensor input, bool needsGradient, Func<Tensor, Tensor>? loss, bool keeps)
    {
        using var scope = NewDisposeScope();
        var kept = new Kept(input, needsGradient, loss) { RandomState = _recomputes && keeps ? random.get_rng_state().DetachFromDisposeScope() : null };
        input.DetachFromDisposeScope();
        Tensor output;
        if (!keeps || _recomputes)
        {
            using var quiet = no_grad();
            output = _layers.Aggregate(input, (value, layer) => layer.call(value));
            output = loss is null ? output : loss(output);
        }
        else
        {
            output = Compute(kept);
        }

        var result = output.detach().clone().DetachFromDisposeScope();
        if (keeps)
        {
            _kept.Add(microBatch, kept);
            PeakKept = Math.Max(PeakKept, _kept.Count);
        }
        else
        {
            kept.Dispose();
        }

        return result;
    }

    /// <summary>Backward of a micro-batch; parameters' gradients are added to the flat buffer.</summary>
    /// <param name="microBatch">Its number.</param>
    /// <param name="gradient">Of the output; null behind a loss. It stays the caller's.</param>
    /// <returns>The gradient of the input, the caller's; null where none is wanted.</returns>
    public Tensor? Backward(int microBatch, Tensor? gradient)
    {
        using var scope = NewDisposeScope();
        using var kept = Take(microBatch);
        if (_isSplit)
        {
            var ofInput = InputGradients(kept, gradient);
            WeightGradients(kept);
            return ofInput?.DetachFromDisposeScope();
        }

        autograd.backward([kept.Parts[0].Output], gradient is null ? null : [gradient]);
        return kept.NeedsGradient ? kept.Input.grad!.DetachFromDisposeScope() : null;
    }

    /// <summary>The first half of a backward.</summary>
    /// <inheritdoc cref="Backward"/>
    public Tensor? BackwardInput(int microBatch, Tensor? gradient)
    {
        using var scope = NewDisposeScope();
        var kept = _kept[microBatch];
        Recompute(kept);
        return InputGradients(kept, gradient)?.DetachFromDisposeScope();
    }

    /// <summary>The second half of a backward, which frees what was kept.</summary>
    public void BackwardWeight(int microBatch)
    {
        using var scope = NewDisposeScope();
        using var kept = _kept[microBatch];
        _kept.Remove(microBatch);
        WeightGradients(kept);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _kept.Values)
        {
            kept.Dispose();
        }

        Model?.Dispose();
    }

    private Kept Take(int microBatch)
    {
        var kept = _kept[microBatch];
        _kept.Remove(microBatch);
        Recompute(kept);
        return kept;
    }

    private void Recompute(Kept kept)
    {
        if (kept.RandomState is null)
        {
            return;
        }

        using var now = random.get_rng_state();
        random.set_rng_state(kept.RandomState);
        Compute(kept);
        random.set_rng_state(now);
    }

    /// <summary>Computes with a graph, which is cut between layers where backward comes in halves.</summary>
    private Tensor Compute(Kept kept)
    {
        kept.Input.requires_grad_(kept.NeedsGradient);
        var value = kept.Input;
        if (!_isSplit)
        {
            var output = _layers.Aggregate(value, (v, layer) => layer.call(v));
            output = kept.Loss is null ? output : kept.Loss(output);
            kept.Parts.Add(new(kept.Input, output.DetachFromDisposeScope(), null));
            return output;
        }

        foreach (var layer in _layers)
        {
            var output = layer.call(value).DetachFromDisposeScope();
            kept.Parts.Add(new(value, output, layer));
            value = output.detach().requires_grad_(output.requires_grad).DetachFromDisposeScope();
        }

        if (kept.Loss is not null)
        {
            var output = kept.Loss(value).DetachFromDisposeScope();
            kept.Parts.Add(new(value, output, null));
            return output;
        }

        kept.Unused = value;
        return value;
    }

    private static Tensor? InputGradients(Kept kept, Tensor? gradient)
    {
        for (var i = kept.Parts.Count - 1; i >= 0; i--)
        {
            var part = kept.Parts[i];
            part.Gradient = gradient?.clone().DetachFromDisposeScope();
            if (!part.Input.requires_grad)
            {
                gradient = null;
                continue; // a first layer, whose parameters are all that is left
            }

            gradient = autograd.grad([part.Output], [part.Input], gradient is null ? null : [gradient], retain_graph: true)[0];
        }

        return kept.NeedsGradient ? gradient : null;
    }

    private static void WeightGradients(Kept kept)
    {
        foreach (var part in kept.Parts)
        {
            Tensor[] parameters = part.Layer is null ? [] : [.. part.Layer.parameters().Where(p => p.requires_grad)];
            if (parameters.Length == 0)
            {
                continue;
            }

            var gradients = autograd.grad([part.Output], parameters, part.Gradient is null ? null : [part.Gradient], allow_unused: true);
            using var quiet = no_grad();
            for (var i = 0; i < parameters.Length; i++)
            {
                if (gradients[i] is not null)
                {
                    parameters[i].grad!.add_(gradients[i]);
                }
            }
        }
    }

    /// <summary>A layer's place in the graph of a micro-batch.</summary>
    private sealed record Part(Tensor Input, Tensor Output, nn.Module? Layer)
    {
        public Tensor? Gradient { get; set; }
    }

    /// <summary>What lies between a micro-batch's forward and backward.</summary>
    private sealed class Kept(Tensor input, bool needsGradient, Func<Tensor, Tensor>? loss) : IDisposable
    {
        public Tensor Input => input;

        public bool NeedsGradient => needsGradient;

        public Func<Tensor, Tensor>? Loss => loss;

        public Tensor? RandomState { get; init; }

        public Tensor? Unused { get; set; }

        public List<Part> Parts { get; } = [];

        public void Dispose()
        {
            foreach (var part in Parts)
            {
                part.Input.Dispose();
                part.Output.Dispose();
                part.Gradient?.Dispose();
            }

            input.Dispose();
            Unused?.Dispose();
            RandomState?.Dispose();
        }
    }
}

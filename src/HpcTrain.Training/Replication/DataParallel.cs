using System.Security.Cryptography;
using System.Text;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Synchronous data parallelism: every rank holds the whole model and a part of each global batch; after backward the
/// gradients are averaged by an allreduce, so every rank takes the same step and the replicas keep the same bits
/// (Hazelwood et al., HPCA 2018, section V). Rank 0's parameters and buffers are broadcast at the start, and the ranks
/// check that they then agree. All members but the properties are collective calls.
/// </summary>
public sealed class DataParallel : IDisposable
{
    private readonly Intracommunicator _communicator;
    private readonly CollectiveCommunicator _collectives;
    private readonly CollectiveOptions _options;

    /// <summary>Makes the module's replicas equal; a collective call.</summary>
    /// <param name="module">This rank's replica; it stays the caller's.</param>
    /// <param name="communicator">The ranks that train together.</param>
    /// <param name="options">How gradients are averaged; null for the defaults.</param>
    /// <exception cref="TrainingException">The ranks built different models; the first difference is named.</exception>
    /// <exception cref="JobException">A rank's model cannot be trained here; all ranks get this.</exception>
    public DataParallel(nn.Module module, Intracommunicator communicator, CollectiveOptions? options = null)
    {
        _communicator = communicator;
        // Measured costs might choose another algorithm, and so other bits, when the run is resumed.
        _collectives = new CollectiveCommunicator(communicator, new() { ProbeCosts = false });
        _options = options ?? new CollectiveOptions();
        Model = Agreement.Run(communicator, () => new FlatModel(module));
        CheckSameStructure();
        communicator.Broadcast(Model.Values, 0);
        SynchronizeState();
        CheckEqual();
    }

    /// <summary>The model in flat buffers.</summary>
    public FlatModel Model { get; }

    /// <summary>The algorithm that the last allreduce of gradients really ran; null before the first.</summary>
    public string? Algorithm { get; private set; }

    /// <summary>Is told of each allreduce of gradients; null for nobody.</summary>
    public CollectiveObserver? Observer
    {
        get => _collectives.Observer;
        set => _collectives.Observer = value;
    }

    /// <summary>
    /// Replaces the gradients by their average over the samples of all ranks. Each rank scales its loss by
    /// <see cref="LossWeight"/> before backward, so that adding up is all that is left to do: no pass over the buffer divides.
    /// </summary>
    public void AverageGradients() => Algorithm = _collectives.AllReduce(Model.Gradients, ReduceOp.Sum, _options).Algorithm;

    /// <summary>
    /// What a rank multiplies its mean loss with when it has <paramref name="count"/> of the <paramref name="globalCount"/>
    /// samples of a step: its share. The average then weighs samples, not ranks.
    /// </summary>
    public static double LossWeight(int count, int globalCount) => (double)count / globalCount;

    /// <summary>Copies frozen parameters and buffers (as batch norm's statistics) from rank 0.</summary>
    public void SynchronizeState()
    {
        foreach (var (_, tensor) in Model.OtherState.Where(o => o.Tensor.numel() > 0))
        {
            _communicator.Broadcast(TensorMemory.Bytes(tensor), 0);
        }
    }

    /// <summary>Checks that all ranks hold the same parameter bits.</summary>
    /// <exception cref="TrainingException">They do not; the first parameter and rank that differ are named.</exception>
    public void CheckEqual()
    {
        var mine = new byte[Model.Slots.Count * SHA256.HashSizeInBytes];
        for (var i = 0; i < Model.Slots.Count; i++)
        {
            var slot = Model.Slots[i];
            SHA256.HashData(
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(Model.Values.Slice(slot.Offset, slot.Count)),
                mine.AsSpan(i * SHA256.HashSizeInBytes, SHA256.HashSizeInBytes));
        }

        var all = new byte[mine.Length * _communicator.Size];
        _communicator.AllGather<byte>(mine, all);
        for (var rank = 1; rank < _communicator.Size; rank++)
        {
            var same = all.AsSpan(0, mine.Length).CommonPrefixLength(all.AsSpan(rank * mine.Length, mine.Length));
            if (same < mine.Length)
            {
                throw new TrainingException(
                    $"parameter {Model.Slots[same / SHA256.HashSizeInBytes].Name} differs between rank 0 and rank {rank}: "
                    + "all ranks must start with the same model and take the same steps; check that nothing changes parameters on one rank only.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _collectives.Dispose();
    }

    private void CheckSameStructure()
    {
        var mine = Encoding.UTF8.GetBytes(string.Join('\n',
            Model.Slots.Select(s => $"{s.Name} {s.ShapeText}")
                .Concat(Model.OtherState.Select(o => $"{o.Name} [{string.Join(", ", o.Tensor.shape)}] {o.Tensor.dtype}"))));
        Span<int> length = [mine.Length];
        _communicator.Broadcast(length, 0);
        var first = new byte[length[0]];
        if (_communicator.Rank == 0)
        {
            mine.CopyTo(first, 0);
        }

        _communicator.Broadcast<byte>(first, 0);
        Span<int> differ = [mine.AsSpan().SequenceEqual(first) ? int.MaxValue : _communicator.Rank];
        _communicator.AllReduce(differ, MpiOp.Min);
        if (differ[0] == int.MaxValue)
        {
            return;
        }

        // The first rank that differs shows its text to all, so that every rank fails with the same sentence.
        length[0] = mine.Length;
        _communicator.Broadcast(length, differ[0]);
        var other = new byte[length[0]];
        if (_communicator.Rank == differ[0])
        {
            mine.CopyTo(other, 0);
        }

        _communicator.Broadcast<byte>(other, differ[0]);
        var (here, there) = (Encoding.UTF8.GetString(first).Split('\n'), Encoding.UTF8.GetString(other).Split('\n'));
        var line = Enumerable.Range(0, Math.Max(here.Length, there.Length)).First(i => here.ElementAtOrDefault(i) != there.ElementAtOrDefault(i));
        throw new TrainingException(
            $"rank {differ[0]} built another model than rank 0: where rank 0 has \"{here.ElementAtOrDefault(line) ?? "nothing"}\", "
            + $"rank {differ[0]} has \"{there.ElementAtOrDefault(line) ?? "nothing"}\"; build the same model on every rank.");
    }
}

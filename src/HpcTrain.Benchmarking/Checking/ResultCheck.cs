using System.Runtime.InteropServices;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>
/// Fills a rank's contribution and counts what is wrong in its result. Knows nothing of how the collective was done, only what each rank
/// contributed.
/// </summary>
internal sealed unsafe class ResultCheck
{
    private const byte Spoiled = 0xA5;

    private readonly Workload _work;
    private readonly int _rank;
    private readonly ElementCheck _elements;
    private ulong[] _streams = [];

    /// <param name="work">The workload.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="wraps">Whether sums and products of integers must wrap around. MPI leaves open what they do: Open MPI 4.1's may saturate.</param>
    public ResultCheck(Workload work, int rank, bool wraps = true)
    {
        _work = work;
        _rank = rank;
        _elements = ElementCheck.For(work.Type, wraps);
    }

    private long ElementSize => _work.Type.SizeInBytes();

    /// <summary>Writes the contribution to random data; spoils the memory of the result where that is not the contribution's.</summary>
    public void Fill(void* source, void* destination, RandomBits data)
    {
        _streams = [.. Enumerable.Range(0, _work.Ranks).Select(data.StreamOf)];
        Spoil(destination);
        long count = _work.ContributionCount(_rank);
        if (count == 0)
            return;
        if (_work.Collective.Reduces())
            _elements.WriteValues(source, count, _streams[_rank], _work.Op, _work.Ranks);
        else
            _elements.WriteBits(source, count, _streams[_rank]);
    }

    /// <summary>Spoils the memory of the result, so that only a call can make it right.</summary>
    public void Spoil(void* destination)
    {
        if (_work.ResultCount(_rank) > 0)
            NativeMemory.Fill(destination, checked((nuint)(_work.ResultCount(_rank) * ElementSize)), Spoiled);
    }

    /// <summary>
    /// Where iterations in place would drive floats out of range (a sum over n ranks grows n-fold each time), writes what they leave alone: zeros for
    /// sums and averages, ones for products.
    /// </summary>
    public void Steady(void* source)
    {
        bool drifts = _work.InPlace && _work.Collective.Reduces() && _work.Type.IsFloatingPoint() && _work.Op is not (ReduceOp.Min or ReduceOp.Max);
        long count = _work.ContributionCount(_rank);
        if (!drifts || count == 0)
            return;
        if (_work.Op == ReduceOp.Prod)
            _elements.WriteOnes(source, count);
        else
            NativeMemory.Clear(source, checked((nuint)(count * ElementSize)));
    }

    /// <summary>Counts the wrong elements of this rank's result of the data that was filled in last. A barrier has none: see <see cref="BarrierCheck"/>.</summary>
    /// <param name="destination">The result.</param>
    /// <param name="partialType">The type in which partial results travelled.</param>
    public long CountWrong(void* destination, ElementType partialType)
    {
        byte* result = (byte*)destination;
        long block = _work.BlockCount;
        switch (_work.Collective)
        {
            case CollectiveKind.Barrier:
                throw new InvalidOperationException("a barrier has no result that could be right");
            case CollectiveKind.AllReduce or CollectiveKind.Reduce:
                return _elements.CountWrongReductions(result, 0, _work.ResultCount(_rank), _streams, _work.Op, partialType);
            case CollectiveKind.ReduceScatter:
                return _elements.CountWrongReductions(result, _rank * block, block, _streams, _work.Op, partialType);
            case CollectiveKind.Broadcast:
                return _elements.CountWrongBits(result, 0, _work.Count, _streams[_work.Root]);
            case CollectiveKind.Scatter:
                return _elements.CountWrongBits(result, _rank * block, block, _streams[_work.Root]);
            default:
                // Blocks from all ranks: of a gather each rank's only one, of an all-to-all the one for this rank.
                long first = _work.Collective == CollectiveKind.AllToAll ? _rank * block : 0, wrong = 0;
                for (int from = 0; from < _work.Ranks && _work.ResultCount(_rank) > 0; from++)
                    wrong += _elements.CountWrongBits(result + (from * block * ElementSize), first, block, _streams[from]);
                return wrong;
        }
    }
}

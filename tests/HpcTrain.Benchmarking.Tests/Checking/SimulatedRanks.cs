using System.Runtime.InteropServices;
using HpcTrain.Benchmarking.Checking;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Tests.Checking;

/// <summary>
/// The ranks of a workload in one process, out of place: filled by the check, and a collective done on the bytes by moving blocks and by the
/// library's kernels, so that nothing of the check's own arithmetic is in the results.
/// </summary>
internal sealed unsafe class SimulatedRanks : IDisposable
{
    private readonly Workload _work;
    private readonly ResultCheck[] _checks;
    private readonly nint[] _sources;
    private readonly nint[] _results;

    public SimulatedRanks(Workload work, ulong round = 0, bool wraps = true)
    {
        _work = work;
        _checks = [.. Enumerable.Range(0, work.Ranks).Select(rank => new ResultCheck(work, rank, wraps))];
        _sources = [.. Enumerable.Range(0, work.Ranks).Select(_ => Allocate())];
        _results = [.. Enumerable.Range(0, work.Ranks).Select(_ => Allocate())];
        for (int rank = 0; rank < work.Ranks; rank++)
            _checks[rank].Fill((void*)_sources[rank], (void*)_results[rank], new RandomBits(seed: 7, round));
    }

    private long ElementSize => _work.Type.SizeInBytes();

    private long Block => _work.BlockCount * ElementSize;

    /// <summary>A rank's contribution, to meddle with before <see cref="Run"/>.</summary>
    public Span<byte> SourceOf(int rank) => new((void*)_sources[rank], (int)(_work.ContributionCount(rank) * ElementSize));

    /// <summary>A rank's result.</summary>
    public Span<byte> ResultOf(int rank) => new((void*)_results[rank], (int)(_work.ResultCount(rank) * ElementSize));

    public long CountWrong(int rank) => _checks[rank].CountWrong((void*)_results[rank], PartialType);

    public long CountWrong() => Enumerable.Range(0, _work.Ranks).Sum(CountWrong);

    private ElementType PartialType => _work.Type is ElementType.F16 or ElementType.BF16 ? ElementType.F32 : _work.Type;

    public SimulatedRanks Run()
    {
        for (int rank = 0; rank < _work.Ranks; rank++)
        {
            Span<byte> result = ResultOf(rank);
            if (result.IsEmpty)
                continue;
            switch (_work.Collective)
            {
                case CollectiveKind.AllReduce or CollectiveKind.Reduce: Reduce(0, result); break;
                case CollectiveKind.ReduceScatter: Reduce(rank * Block, result); break;
                case CollectiveKind.Broadcast: SourceOf(_work.Root).CopyTo(result); break;
                case CollectiveKind.Scatter: SourceOf(_work.Root).Slice((int)(rank * Block), result.Length).CopyTo(result); break;
                default:
                    for (int from = 0; from < _work.Ranks; from++)
                    {
                        long start = _work.Collective == CollectiveKind.AllToAll ? rank * Block : 0;
                        SourceOf(from).Slice((int)start, (int)Block).CopyTo(result[(int)(from * Block)..]);
                    }

                    break;
            }
        }

        return this;
    }

    public void Dispose()
    {
        foreach (nint memory in _sources.Concat(_results))
            NativeMemory.AlignedFree((void*)memory);
    }

    private void Premultiply(int rank, byte* term, nint count)
    {
        if (_work.Op == ReduceOp.PreMulSum)
            HostKernels.Scale(PartialType, term, count, Workload.FactorOf(rank));
    }

    private nint Allocate() => (nint)NativeMemory.AlignedAlloc((nuint)_work.Bytes + 64, 64);

    private void Reduce(long start, Span<byte> result)
    {
        nint count = (nint)(result.Length / ElementSize);
        byte[] partial = new byte[count * PartialType.SizeInBytes()], next = new byte[partial.Length];
        fixed (byte* sum = partial, term = next, to = result)
        {
            HostKernels.Cast(_work.Type, (byte*)_sources[0] + start, PartialType, sum, count);
            Premultiply(0, sum, count);
            for (int rank = 1; rank < _work.Ranks; rank++)
            {
                HostKernels.Cast(_work.Type, (byte*)_sources[rank] + start, PartialType, term, count);
                Premultiply(rank, term, count);
                HostKernels.Reduce(PartialType, _work.Op, sum, term, count);
            }

            if (_work.Op == ReduceOp.Avg && PartialType != _work.Type)
                HostKernels.FinishAverage((float*)sum, _work.Type, to, count, _work.Ranks);
            else
                HostKernels.Cast(PartialType, sum, _work.Type, to, count);
            if (_work.Op == ReduceOp.Avg && PartialType == _work.Type)
                HostKernels.FinishAverage(_work.Type, to, count, _work.Ranks);
        }
    }
}

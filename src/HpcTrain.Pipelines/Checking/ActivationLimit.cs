using System.Collections.Immutable;
using System.Globalization;

namespace HpcTrain.Pipelines;

/// <summary>What a rank may keep between forwards and backwards.</summary>
public sealed class ActivationLimit
{
    private readonly Func<PipelineSchedule, ImmutableArray<long>> _weights;
    private readonly Func<PipelineSchedule, int, long> _most;
    private readonly Func<PipelineSchedule, int, long, string> _format;

    private ActivationLimit(
        Func<PipelineSchedule, ImmutableArray<long>> weights, Func<PipelineSchedule, int, long> most, Func<PipelineSchedule, int, long, string> format)
    {
        (_weights, _most, _format) = (weights, most, format);
    }

    /// <summary>A limit in micro-batches of the rank: one chunk of several counts in proportion.</summary>
    public static ActivationLimit MicroBatches(int most) => new(
        ActivationMemory.One, (schedule, rank) => (long)most * schedule.ChunksOf[rank].Length,
        (schedule, rank, kept) => string.Create(CultureInfo.InvariantCulture, $"{(double)kept / schedule.ChunksOf[rank].Length:0.##} micro-batches"));

    /// <summary>A limit in bytes.</summary>
    /// <param name="bytesOfChunk">What each chunk keeps of a micro-batch, in bytes.</param>
    /// <param name="most">The most that a rank may keep, in bytes.</param>
    public static ActivationLimit Bytes(ImmutableArray<long> bytesOfChunk, long most) => new(
        schedule => bytesOfChunk.Length == schedule.Chunks ? bytesOfChunk
            : throw new PipelineException($"Bytes are given for {bytesOfChunk.Length} chunks, and schedule '{schedule.Name}' has {schedule.Chunks}."),
        (_, _) => most, (_, _, kept) => $"{kept} bytes");

    internal void Check(PipelineSchedule schedule)
    {
        ImmutableArray<long> weights = _weights(schedule);
        for (int rank = 0; rank < schedule.Stages; rank++)
        {
            (long peak, int action) = ActivationMemory.Peak(schedule, rank, weights);
            if (peak > _most(schedule, rank))
            {
                throw Checking.CheckFault.At(schedule, rank, action,
                    $"has the rank keep activations of {_format(schedule, rank, peak)}, and the limit is {_format(schedule, rank, _most(schedule, rank))}");
            }
        }
    }
}

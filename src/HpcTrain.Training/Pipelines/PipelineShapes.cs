using System.Runtime.InteropServices;
using HpcTrain.Mpi;
using HpcTrain.Pipelines;
using HpcTrain.Training.Jobs;
using static TorchSharp.torch;

namespace HpcTrain.Training.Pipelines;

/// <summary>Finds the shape of what each chunk hands to the next, by running each on zeros of the shape that the one before gives.</summary>
internal static class PipelineShapes
{
    private const int MostDimensions = 16;

    /// <summary>Finds the shapes; a collective call.</summary>
    /// <param name="ranks">The stages.</param>
    /// <param name="schedule">Who has which chunk.</param>
    /// <param name="chunks">The chunks of this rank.</param>
    /// <param name="input">An input micro-batch, on the rank of chunk 0.</param>
    /// <returns>The output shape of every chunk.</returns>
    /// <exception cref="JobException">A layer does not take what the one before gives, or gives no f32; all ranks get this.</exception>
    public static long[][] Find(Intracommunicator ranks, PipelineSchedule schedule, IReadOnlyDictionary<int, PipelineChunk> chunks, Tensor? input)
    {
        var shapes = new long[schedule.Chunks][];
        for (var chunk = 0; chunk < schedule.Chunks; chunk++)
        {
            var before = chunk == 0 ? null : shapes[chunk - 1];
            var mine = Agreement.Run(ranks, () => chunks.TryGetValue(chunk, out var here) ? Of(here, before is null ? input! : zeros(before)) : []);
            var message = new long[MostDimensions];
            if (mine.Length > 0 || chunks.ContainsKey(chunk))
            {
                message[0] = mine.Length;
                mine.CopyTo(message, 1);
            }

            ranks.Broadcast<long>(message, schedule.Placement[chunk]);
            shapes[chunk] = message[1..(int)(message[0] + 1)];
        }

        return shapes;
    }

    private static long[] Of(PipelineChunk chunk, Tensor input)
    {
        using var scope = NewDisposeScope();
        var value = input;
        for (var i = 0; i < chunk.Names.Count; i++)
        {
            var shape = string.Join(", ", value.shape);
            try
            {
                value = chunk.Try(i, value);
            }
            catch (ExternalException e)
            {
                throw new TrainingException(
                    $"layer {chunk.Names[i]} does not take a tensor [{shape}], which is what comes before it: {e.Message.Split('\n')[0].TrimEnd('.')}; make the layers fit, or cut the model elsewhere.", e);
            }
        }

        return value.dtype == ScalarType.Float32 && value.dim() < MostDimensions
            ? value.shape
            : throw new TrainingException($"layer {chunk.Names[^1]} gives {value.dtype} of {value.dim()} dimensions: stages hand on f32 tensors of less than {MostDimensions}; cut the model elsewhere.");
    }
}

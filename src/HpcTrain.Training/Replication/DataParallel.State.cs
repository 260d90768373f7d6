using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Replication;

/// <content>State that is divided among the ranks, or should be equal on them.</content>
public sealed partial class DataParallel
{
    /// <summary>Makes buffers (as batch norm's statistics) what the policy says they are outside of training.</summary>
    public void SynchronizeState() => ModelBuffers.Synchronize(Model, _communicator, _collectives, _options.Buffers);

    /// <summary>Checks that all ranks hold the same parameter bits.</summary>
    /// <exception cref="TrainingException">They do not; the first parameter and rank that differ are named.</exception>
    public void CheckEqual() => ReplicaCheck.Equal(Model, _communicator);

    /// <summary>The whole state of an optimizer, in the layout of the parameters, on every rank.</summary>
    public IReadOnlyDictionary<string, float[]> GatherState(FlatOptimizer optimizer)
    {
        var whole = new Dictionary<string, float[]>();
        foreach (var name in optimizer.State.Keys.Order(StringComparer.Ordinal))
        {
            var (values, state) = (whole[name] = new float[Model.Layout.Length], optimizer.State[name]);
            foreach (var (bucket, part) in Model.Layout.Buckets.Zip(_work.Parts))
            {
                var mine = state.AsSpan(part.StateOffset, part.Length);
                if (_work.IsSharded)
                {
                    _collectives.AllGather<float>(mine, values.AsSpan(bucket.Offset, bucket.Length));
                }
                else
                {
                    mine.CopyTo(values.AsSpan(part.Offset, part.Length));
                }
            }
        }

        return whole;
    }

    /// <summary>Gives the optimizer this rank's part of a state buffer that is in the layout of the parameters. Not a collective call.</summary>
    public void RestoreState(FlatOptimizer optimizer, string name, ReadOnlySpan<float> whole)
    {
        foreach (var part in _work.Parts)
        {
            whole.Slice(part.Offset, part.Length).CopyTo(optimizer.State[name].AsSpan(part.StateOffset, part.Length));
        }
    }
}

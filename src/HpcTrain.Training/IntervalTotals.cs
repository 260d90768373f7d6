using HpcTrain.Mpi;

namespace HpcTrain.Training;

/// <summary>What a rank adds up between two lines of metrics, and the same over all ranks.</summary>
internal sealed class IntervalTotals
{
    private double _loss;
    private long _correct;

    /// <summary>Samples of this rank since the last line.</summary>
    public long Samples { get; private set; }

    /// <summary>The learning rate of the last step.</summary>
    public double LearningRate { get; set; }

    /// <summary>Seconds that this rank has waited for data since the start.</summary>
    public double AllData { get; private set; }

    /// <summary>Seconds that this rank has spent in collectives since the start.</summary>
    public double AllCommunication { get; private set; }

    /// <summary>Seconds of steps since the start.</summary>
    public double AllSeconds { get; private set; }

    /// <summary>Adds a batch of this rank.</summary>
    public void Add(double meanLoss, int count, long? correct)
    {
        _loss += meanLoss * count;
        _correct += correct ?? 0;
        Samples += count;
    }

    /// <summary>Adds up over all ranks, times by the slowest; a collective call.</summary>
    public IntervalMetrics Reduce(Intracommunicator world, StepClock clock, bool hasAccuracy)
    {
        clock.Enter(Phase.Communication);
        Span<double> sums = [_loss, _correct, Samples];
        world.AllReduce(sums, MpiOp.Sum);
        Span<double> slowest = [clock.Seconds(Phase.Data), clock.Seconds(Phase.Compute), clock.Seconds(Phase.Communication), clock.Total];
        AllData += slowest[0];
        AllCommunication += slowest[2];
        AllSeconds += slowest[3];
        world.AllReduce(slowest, MpiOp.Max);
        clock.Enter(Phase.Compute);
        return new IntervalMetrics(
            sums[0] / sums[2], hasAccuracy ? 100 * sums[1] / sums[2] : null, LearningRate, sums[2] / slowest[3], slowest[0], slowest[1], slowest[2]);
    }

    /// <summary>Starts the next interval.</summary>
    public void Reset() => (_loss, _correct, Samples) = (0, 0, 0);
}

/// <summary>One interval over all ranks: loss per sample, percent right, rate, samples/s, seconds of the slowest rank.</summary>
internal readonly record struct IntervalMetrics(
    double Loss, double? Accuracy, double LearningRate, double SamplesPerSecond, double Data, double Compute, double Communication);

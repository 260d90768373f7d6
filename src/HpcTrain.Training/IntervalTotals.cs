using HpcTrain.Mpi;

namespace HpcTrain.Training;

/// <summary>What a rank adds up between two lines of metrics, and the same over all ranks.</summary>
internal sealed class IntervalTotals
{
    private double _loss;
    private long _correct;
    private long _samples;
    private double _learningRate;

    /// <summary>Steps since the last line; the same on every rank.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples of this rank since the last line.</summary>
    public long Samples => _samples;

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
        _samples += count;
    }

    /// <summary>A step is done, with this learning rate.</summary>
    public void Stepped(double learningRate)
    {
        _learningRate = learningRate;
        Steps++;
    }

    /// <summary>Adds up over all ranks, times by the slowest; a collective call.</summary>
    public IntervalMetrics Reduce(Intracommunicator world, StepClock clock, bool hasAccuracy)
    {
        clock.Enter(Phase.Communication);
        Span<double> sums = [_loss, _correct, _samples];
        world.AllReduce(sums, MpiOp.Sum);
        Span<double> slowest = [clock.Seconds(Phase.Data), clock.Seconds(Phase.Compute), clock.Seconds(Phase.Communication), clock.Total];
        AllData += slowest[0];
        AllCommunication += slowest[2];
        AllSeconds += slowest[3];
        world.AllReduce(slowest, MpiOp.Max);
        clock.Enter(Phase.Compute);
        return new IntervalMetrics(
            sums[0] / sums[2], hasAccuracy ? 100 * sums[1] / sums[2] : null, _learningRate, sums[2] / slowest[3], slowest[0], slowest[1], slowest[2]);
    }

    /// <summary>Starts the next interval.</summary>
    public void Reset() => (_loss, _correct, _samples, Steps) = (0, 0, 0, 0);
}

/// <summary>One interval over all ranks: loss per sample, percent right, rate, samples/s, seconds of the slowest rank.</summary>
internal readonly record struct IntervalMetrics(
    double Loss, double? Accuracy, double LearningRate, double SamplesPerSecond, double Data, double Compute, double Communication);

using System.Diagnostics;
using HpcTrain.Mpi;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using HpcTrain.Training.Servers;
using static TorchSharp.torch;

namespace HpcTrain.Bench.Parallel;

/// <summary>What a side made of its time: samples of all ranks per second, percent of held-out samples that are right afterwards, and by how many steps a rank was ahead.</summary>
internal sealed record Outcome(double SamplesPerSecond, double Accuracy, long LargestLead);

/// <summary>
/// Trains for a time, the last rank slowed: after each forward and backward it sleeps as often as long. Ranks that wait for nobody stop by their own clocks; those that step
/// together by rank 0's, every few steps.
/// </summary>
internal sealed class SlowRank(Intracommunicator world, ClassificationTask task, double seconds)
{
    public const int Slowness = 4;
    private const int Batch = 64;
    private const int StepsBetweenLooks = 5;
    private const double Rate = 0.02;

    public Outcome Run(Func<nn.Module<Tensor, Tensor>, ITrainingParallelism> make, int round)
    {
        using var model = ClassificationTask.Model(seed: 7 + round);
        using var replicas = make(model);
        var optimizer = new Sgd(momentum: 0.5);
        replicas.Prepare(optimizer);
        var draws = new Random((round * 1000) + world.Rank);
        Step(model, replicas, optimizer, draws); // the first step compiles
        replicas.Settle();
        world.Barrier();

        var watch = Stopwatch.StartNew();
        var samples = 0L;
        while (!IsOver(watch, samples / Batch, replicas is LooseReplicas))
        {
            Step(model, replicas, optimizer, draws);
            samples += Batch;
        }

        var elapsed = watch.Elapsed.TotalSeconds;
        replicas.SynchronizeState();
        replicas.CheckEqual();
        Span<double> totals = [samples / elapsed];
        world.AllReduce(totals, MpiOp.Sum);
        return new(totals[0], task.Accuracy(model), replicas is ServerReplicas servers ? servers.LargestLead : 0);
    }

    private bool IsOver(Stopwatch watch, long step, bool isAlone)
    {
        if (isAlone)
        {
            return watch.Elapsed.TotalSeconds >= seconds;
        }

        Span<int> isOver = [watch.Elapsed.TotalSeconds >= seconds ? 1 : 0];
        if (step % StepsBetweenLooks == 0)
        {
            world.Broadcast(isOver, 0);
            return isOver[0] != 0;
        }

        return false;
    }

    private void Step(nn.Module<Tensor, Tensor> model, ITrainingParallelism replicas, Sgd optimizer, Random draws)
    {
        using var scope = NewDisposeScope();
        var begun = Stopwatch.GetTimestamp();
        var (input, target) = task.Batch(draws, Batch);
        replicas.Backward(nn.functional.cross_entropy(model.call(input), target), Batch, Batch * world.Size, last: true);
        if (world.Rank == world.Size - 1)
        {
            Thread.Sleep((Slowness - 1) * Stopwatch.GetElapsedTime(begun));
        }

        replicas.FinishBackward();
        replicas.Step(optimizer, Rate * world.Size);
        replicas.Publish();
    }
}

using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>Replicas on real ranks, under both MPIs.</summary>
public sealed class DataParallelTests
{
    private const int Features = 20;
    private const int Classes = 5;
    private const int Steps = 50;
    private const double Rate = 0.1;
    private const double Momentum = 0.9;
    private const double Decay = 1e-3;

    [RankTest(1, 2, 3, 4)]
    public void K_ranks_with_a_part_of_the_batch_train_as_one_rank_with_all_of_it(Intracommunicator world) => TrainAsOne(world, batch: 24, "ring");

    [RankTest(2, 3, 4)]
    public void A_batch_that_does_not_divide_trains_as_one_too(Intracommunicator world) => TrainAsOne(world, batch: 22, "halving-doubling");

    [RankTest(3, 4)]
    public void A_rank_without_samples_takes_part_with_zeros(Intracommunicator world) => TrainAsOne(world, batch: 2, "recursive-doubling");

    [RankTest(2, 4)]
    public void Different_initial_weights_become_those_of_rank_0(Intracommunicator world)
    {
        using var module = Model(seed: 100 + world.Rank);
        using var expected = Model(seed: 100);
        using var replicas = new DataParallel(module, world);
        Assert.That(Values(module), Is.EqualTo(Values(expected)));
    }

    [RankTest(2, 3)]
    public void Buffers_come_from_rank_0(Intracommunicator world)
    {
        using var module = BatchNorm1d(4);
        using (no_grad())
        {
            module.running_mean!.fill_(world.Rank + 7);
        }

        using var replicas = new DataParallel(module, world);
        Assert.That(module.running_mean!.data<float>().ToArray(), Is.All.EqualTo(7f));
    }

    [RankTest(2, 3)]
    public void Another_model_on_one_rank_is_named(Intracommunicator world)
    {
        using var module = Sequential(("a", Linear(3, world.Rank == 1 ? 6 : 5)), ("b", Linear(world.Rank == 1 ? 6 : 5, 2)));
        Assert.That(
            () => new DataParallel(module, world),
            Throws.TypeOf<TrainingException>().With.Message.Contains("rank 1 built another model").And.Message.Contains("a.weight [5, 3]").And.Message.Contains("a.weight [6, 3]"));
    }

    [RankTest(2, 3)]
    public void A_model_that_cannot_be_trained_on_one_rank_fails_on_all(Intracommunicator world)
    {
        using var module = Linear(3, 3, dtype: world.Rank == 1 ? float64 : float32);
        Assert.That(() => new DataParallel(module, world), Throws.TypeOf<JobException>().With.Message.Contains("rank 1").And.Message.Contains("Float64"));
    }

    [RankTest(2, 3)]
    public void A_replica_that_drifts_is_found_by_name_and_rank(Intracommunicator world)
    {
        using var module = Model(seed: 1);
        using var replicas = new DataParallel(module, world);
        Assert.That(replicas.CheckEqual, Throws.Nothing);
        if (world.Rank == world.Size - 1)
        {
            var slot = replicas.Model.Slots[2];
            replicas.Model.Values[slot.Offset + 3] += 1e-3f;
        }

        Assert.That(replicas.CheckEqual, Throws.TypeOf<TrainingException>()
            .With.Message.Contains(replicas.Model.Slots[2].Name).And.Message.Contains($"rank {world.Size - 1}"));
    }

    [RankTest(2)]
    public void The_algorithm_that_ran_is_told(Intracommunicator world)
    {
        using var module = Model(seed: 1);
        using var replicas = new DataParallel(module, world, new CollectiveOptions { Algorithm = "recursive-doubling" });
        Assert.That(replicas.Algorithm, Is.Null);
        replicas.AverageGradients();
        Assert.That(replicas.Algorithm, Is.EqualTo("recursive-doubling"));
    }

    private static void TrainAsOne(Intracommunicator world, int batch, string algorithm)
    {
        using var module = Model(seed: 42);
        using var replicas = new DataParallel(module, world, new CollectiveOptions { Algorithm = algorithm });
        var optimizer = new Sgd(Momentum, Decay);
        optimizer.Prepare(replicas.Model.Values.Length);
        var first = (batch / world.Size * world.Rank) + Math.Min(world.Rank, batch % world.Size);
        var mine = (batch / world.Size) + (world.Rank < batch % world.Size ? 1 : 0);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Batch(step, batch);
            if (mine > 0)
            {
                var loss = functional.cross_entropy(module.call(input.narrow(0, first, mine)), target.narrow(0, first, mine));
                (loss * DataParallel.LossWeight(mine, batch)).backward();
            }

            replicas.AverageGradients();
            optimizer.Step(replicas.Model.Values, replicas.Model.Gradients, Rate);
        }

        replicas.CheckEqual();
        var expected = Reference(batch);
        var scale = expected.Max(Math.Abs);
        Assert.That(Values(module), Is.EqualTo(expected).Within(1e-4 * scale));
    }

    /// <summary>The same training on one rank by plain tensor arithmetic, sharing nothing with the code under test.</summary>
    private static float[] Reference(int batch)
    {
        using var module = Model(seed: 42);
        var parameters = module.parameters().ToList();
        var momenta = parameters.Select(p => zeros_like(p)).ToList();
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Batch(step, batch);
            var gradients = autograd.grad([functional.cross_entropy(module.call(input), target)], [.. parameters]);
            using var quiet = no_grad();
            for (var i = 0; i < parameters.Count; i++)
            {
                momenta[i].mul_(Momentum).add_(gradients[i] + (parameters[i] * Decay));
                parameters[i].sub_(momenta[i] * Rate);
            }
        }

        return Values(module);
    }

    private static (Tensor Input, Tensor Target) Batch(int step, int size)
    {
        var random = new Random(step);
        var target = Enumerable.Range(0, size).Select(_ => (long)random.Next(Classes)).ToArray();
        var input = Enumerable.Range(0, size * Features)
            .Select(i => (random.NextSingle() * 2) - 1 + (i % Features / (Features / Classes) == target[i / Features] ? 0.5f : 0f)).ToArray();
        return (tensor(input).view(size, Features), tensor(target));
    }

    private static Module<Tensor, Tensor> Model(long seed)
    {
        random.manual_seed(seed);
        return Sequential(("a", Linear(Features, 32)), ("relu", ReLU()), ("b", Linear(32, Classes)));
    }

    private static float[] Values(Module module) => [.. module.parameters().SelectMany(p => p.data<float>().ToArray())];
}

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
    [RankTest(2, 4)]
    public void Different_initial_weights_become_those_of_rank_0(Intracommunicator world)
    {
        using var module = SmallTraining.Plain(seed: 100 + world.Rank);
        using var expected = SmallTraining.Plain(seed: 100);
        using var replicas = new DataParallel(module, world);
        Assert.That(SmallTraining.Values(module), Is.EqualTo(SmallTraining.Values(expected)));
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
        using var module = SmallTraining.Plain(seed: 1);
        using var replicas = new DataParallel(module, world, new() { Sharding = StepSharding.Never });
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
        using var module = SmallTraining.Plain(seed: 1);
        using var replicas = new DataParallel(module, world, new() { Collectives = new CollectiveOptions { Algorithm = "recursive-doubling" } });
        Assert.That(replicas.Algorithm, Is.Null);
        replicas.AverageGradients();
        Assert.That(replicas.Algorithm, Is.EqualTo("recursive-doubling"));
    }

    [RankTest(2, 3)]
    public void Buffers_are_what_the_policy_says(Intracommunicator world)
    {
        var mean = (world.Size - 1) / 2f;
        foreach (var (policy, inTraining, outside) in new[]
        {
            (BufferPolicy.Broadcast, (float)world.Rank, 0f), (BufferPolicy.Average, world.Rank, mean), (BufferPolicy.EachStep, 0, 0), (BufferPolicy.Local, world.Rank, world.Rank),
        })
        {
            using var module = BatchNorm1d(4);
            using var replicas = new DataParallel(module, world, new() { Buffers = policy });
            var optimizer = new Sgd();
            replicas.Prepare(optimizer);
            using (no_grad())
            {
                module.running_mean!.fill_(world.Rank);
                module.get_buffer("num_batches_tracked")!.fill_(world.Rank);
            }

            replicas.WithoutSamples();
            replicas.Step(optimizer, 0.1);
            Assert.That(module.running_mean!.data<float>().ToArray(), Is.All.EqualTo(inTraining), $"{policy} in training");
            replicas.SynchronizeState();
            Assert.That(module.running_mean!.data<float>().ToArray(), Is.All.EqualTo(outside), $"{policy} outside");
            Assert.That(module.get_buffer("num_batches_tracked")!.item<long>(), Is.EqualTo(policy == BufferPolicy.Local ? world.Rank : 0), $"{policy}: whole numbers have no mean");
        }
    }

    [RankTest(1, 2, 3)]
    public void The_optimizers_state_is_divided_gathered_and_restored(Intracommunicator world)
    {
        foreach (var (sharding, isShared) in new[] { (StepSharding.Never, true), (StepSharding.Auto, true), (StepSharding.Always, true), (StepSharding.Always, false) })
        {
            var options = new DataParallelOptions { Sharding = sharding, Communicator = new() { SharesMemory = isShared }, BucketBytes = 1024 };
            using var module = SmallTraining.Plain(seed: 1);
            using var replicas = new DataParallel(module, world, options);
            var length = replicas.Model.Layout.Length;
            var ranks = sharding == StepSharding.Never ? 1 : world.Size;
            Assert.That(replicas.StateLength, Is.EqualTo(length / ranks), "every rank has its share of the state, and no more");

            var training = new SmallTraining { Steps = 3 };
            var optimizer = new Adam();
            replicas.Prepare(optimizer);
            training.Run(world, module, replicas, optimizer);
            var state = replicas.GatherState(optimizer);
            Assert.That(state.Keys, Is.EquivalentTo(new[] { "mean", "square" }));
            Assert.That(state["square"], Has.Length.EqualTo(length).And.Some.GreaterThan(0));

            // Replicas that divide the work in another way go on from there.
            var other = options with { Sharding = sharding == StepSharding.Never ? StepSharding.Always : StepSharding.Never };
            using var second = SmallTraining.Plain(seed: 2);
            using var resumed = new DataParallel(second, world, other);
            var restored = new Adam();
            resumed.Prepare(restored);
            foreach (var (name, values) in state)
            {
                resumed.RestoreState(restored, name, values);
                Assert.That(resumed.GatherState(restored)[name], Is.EqualTo(values), name);
            }

            restored.RestoreSteps(optimizer.Steps);
            replicas.Model.Values.CopyTo(resumed.Model.Values);
            world.Barrier();
            var more = training with { First = 3 };
            more.Run(world, module, replicas, optimizer);
            more.Run(world, second, resumed, restored);
            Assert.That(SmallTraining.Values(second), Is.EqualTo(SmallTraining.Values(module)).Within(1e-5), $"{sharding}");
        }
    }

    [RankTest(2)]
    public void A_parameter_that_changes_its_use_is_named(Intracommunicator world)
    {
        using var module = new Fickle();
        using var replicas = new DataParallel(module, world, new() { Overlap = true, BucketBytes = 64 });
        var optimizer = new Sgd();
        replicas.Prepare(optimizer);
        foreach (var isEarly in new[] { false, true })
        {
            using var scope = NewDisposeScope();
            module.IsUsedEarly = isEarly;
            void Backward() => replicas.Backward(module.call(ones(2, 6)).sum());
            if (isEarly)
            {
                Assert.That(Backward, Throws.TypeOf<TrainingException>().With.Message.Contains("second.weight").And.Message.Contains("--overlap off"));
            }
            else
            {
                Backward();
                replicas.Step(optimizer, 0.1);
            }
        }

        replicas.AverageGradients();
    }

    /// <summary>A weight that may be used before its module is called.</summary>
    private sealed class Fickle : Module<Tensor, Tensor>
    {
        private readonly Module<Tensor, Tensor> _first = Linear(6, 6);
        private readonly TorchSharp.Modules.Linear _second = Linear(6, 6);

        public Fickle()
            : base(nameof(Fickle))
        {
            register_module("first", _first);
            register_module("second", _second);
        }

        public bool IsUsedEarly { get; set; }

        public override Tensor forward(Tensor input)
        {
            var hidden = _first.call(input);
            return _second.call(IsUsedEarly ? hidden.matmul(_second.weight!) : hidden);
        }
    }
}

using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using HpcTrain.Training.Servers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>Other ways of working together than synchronous data parallelism, on real ranks, under both MPIs.</summary>
public sealed class ParallelismTests
{
    private static readonly StaleForm _together = new(Staleness: 0);

    [RankTest(2, 3, 4)]
    public void Servers_that_step_together_and_super_nodes_of_one_rank_train_as_an_allreduce_does(Intracommunicator world)
    {
        var training = new SmallTraining { Batch = 23 }; // not the same number on all ranks
        var expected = training.Expected();
        foreach (var form in new ServerForm[] { _together, HybridForm.Of(world, 1) })
        {
            using var module = training.Make();
            using var replicas = new ServerReplicas(module, world, form);
            Assert.That(replicas.Algorithm, Is.Null);
            var optimizer = new Sgd(0.9, 1e-3);
            replicas.Prepare(optimizer);
            training.Train(world, module, replicas, optimizer);
            replicas.SynchronizeState();
            replicas.CheckEqual();
            Assert.That(SmallTraining.Values(module), Is.EqualTo(expected).Within(1e-5), form.Name);
            Assert.That(replicas.Algorithm, Is.EqualTo(form.Name));
        }
    }

    [RankTest(2, 3, 4)]
    public void Ranks_that_do_not_wait_learn_and_end_equal(Intracommunicator world)
    {
        var training = new SmallTraining { Steps = 40, Batch = 24 };
        foreach (var form in new ServerForm[] { new StaleForm(null), new StaleForm(2), HybridForm.Of(world, world.Size % 2 == 0 ? 2 : null) })
        {
            using var module = training.Make();
            using var replicas = new ServerReplicas(module, world, form, PushCodec.Parse("int8", 3, world.Rank));
            var optimizer = new Sgd(0.5);
            replicas.Prepare(optimizer);
            var before = training.Loss(module);
            training.Train(world, module, replicas, optimizer, rate: 0.25);
            replicas.SynchronizeState();
            replicas.CheckEqual();
            Assert.That(training.Loss(module), Is.LessThan(before * 0.75), form.Name);
            Assert.That(optimizer.Steps, Is.EqualTo(form is HybridForm ? training.Steps : training.Steps * world.Size), "a step per push, or per round");
            if (form is StaleForm { Staleness: { } bound })
            {
                Assert.That(replicas.LargestLead, Is.LessThanOrEqualTo(bound));
            }
        }
    }

    [RankTest(2, 3, 4)]
    public void Training_goes_on_from_gathered_state_in_the_same_and_in_another_way(Intracommunicator world)
    {
        var training = new SmallTraining { Steps = 4 };
        using var module = training.Make();
        using var replicas = new ServerReplicas(module, world, _together);
        var optimizer = new Adam();
        replicas.Prepare(optimizer);
        training.Train(world, module, replicas, optimizer, rate: 0.01);
        replicas.SynchronizeState();
        var state = replicas.GatherState(optimizer);
        Assert.That(state["square"], Has.Length.EqualTo(replicas.Model.Layout.Length).And.Some.GreaterThan(0));
        var values = replicas.Model.Values.ToArray();
        Assert.That(optimizer.State["square"], Has.Length.EqualTo(values.Length / world.Size), "every rank has its share of the state, and no more");

        var more = training with { First = 4 };
        more.Train(world, module, replicas, optimizer, rate: 0.01);
        replicas.SynchronizeState();
        foreach (var make in new Func<Module<Tensor, Tensor>, ITrainingParallelism>[]
        {
            m => new ServerReplicas(m, world, _together),
            m => new DataParallel(m, world, new() { Sharding = StepSharding.Never }),
        })
        {
            using var second = SmallTraining.Plain(seed: 2);
            using var resumed = make(second);
            var restored = new Adam();
            resumed.Prepare(restored);
            CopySlots(replicas.Model, values, resumed.Model, resumed.Model.Values);
            foreach (var (name, whole) in state)
            {
                var mine = new float[resumed.Model.Layout.Length];
                CopySlots(replicas.Model, whole, resumed.Model, mine);
                resumed.RestoreState(restored, name, mine);
            }

            restored.RestoreSteps(4);
            world.Barrier();
            more.Train(world, second, resumed, restored, rate: 0.01);
            resumed.SynchronizeState();
            Assert.That(SmallTraining.Values(second), Is.EqualTo(SmallTraining.Values(module)).Within(resumed is ServerReplicas ? 0 : 1e-5), resumed.Division);
        }
    }

    [RankTest(2, 3, 4)]
    public void Local_steps_averaged_each_time_are_synchronous_and_otherwise_end_equal_with_one_state(Intracommunicator world)
    {
        var training = new SmallTraining { Batch = 23 };
        using var synchronous = training.Make();
        using (var replicas = new DataParallel(synchronous, world, new() { Sharding = StepSharding.Never }))
        {
            var optimizer = new Sgd();
            replicas.Prepare(optimizer);
            training.Train(world, synchronous, replicas, optimizer);
        }

        using var module = training.Make();
        using (var replicas = new LocalSgd(module, world, steps: 1))
        {
            var optimizer = new Sgd();
            replicas.Prepare(optimizer);
            training.Train(world, module, replicas, optimizer);
            replicas.CheckEqual();
            Assert.That(SmallTraining.Values(module), Is.EqualTo(SmallTraining.Values(synchronous)).Within(1e-5));
        }

        using var other = training.Make();
        using var rarely = new LocalSgd(other, world, steps: 3);
        var adam = new Adam();
        rarely.Prepare(adam);
        (training with { Steps = 7 }).Train(world, other, rarely, adam, works: step => world.Rank == 0 || step % 2 == 0, rate: 0.01);
        Assert.That(rarely.CheckEqual, Throws.TypeOf<TrainingException>(), "after 7 steps the last average is a step ago");
        Assert.That(rarely.Averages, Is.EqualTo(2));
        rarely.SynchronizeState();
        rarely.CheckEqual();
        Assert.That(adam.Steps, Is.EqualTo(7));
        var sums = rarely.GatherState(adam)["square"].ToArray();
        world.AllReduce(sums.AsSpan(), MpiOp.Max);
        Assert.That(rarely.GatherState(adam)["square"], Is.EqualTo(sums), "all ranks have the same state");
    }

    [RankTest(2, 3)]
    public void The_average_weighs_ranks_by_their_work_and_a_proximal_term_keeps_them_near_it(Intracommunicator world)
    {
        var training = new SmallTraining { Steps = 6 };

        // Only rank 0 works: the average is its replica.
        using var single = training.Make();
        using var idle = new LocalSgd(single, world, steps: 100);
        var optimizer = new Sgd();
        idle.Prepare(optimizer);
        training.Train(world, single, idle, optimizer, works: _ => world.Rank == 0);
        var expected = SmallTraining.Values(single);
        world.Broadcast(expected.AsSpan(), 0);
        idle.SynchronizeState();
        Assert.That(SmallTraining.Values(single), Is.EqualTo(expected));

        double Distance(double mu)
        {
            using var module = training.Make();
            using var replicas = new LocalSgd(module, world, steps: 100, mu);
            var sgd = new Sgd();
            replicas.Prepare(sgd);
            var start = SmallTraining.Values(module);
            training.Train(world, module, replicas, sgd);
            return Math.Sqrt(SmallTraining.Values(module).Zip(start, (a, b) => (double)(a - b) * (a - b)).Sum());
        }

        var (free, held) = (Distance(0), Distance(4));
        Assert.That(held, Is.LessThan(0.8 * free).And.GreaterThan(0));
    }

    [RankTest(2, 3)]
    public void An_embedding_on_servers_gives_rows_and_learns_as_a_dense_one_does(Intracommunicator world)
    {
        const int Rows = 20, Width = 3;
        const float Rate = 0.1f;
        static float Initial(int row, int place) => row + (place / 10f);
        using var server = new ParameterServer(new MpiTransport(world, sharesMemory: false), new StaleForm(null), null, TimeSpan.FromSeconds(30));
        using var embedding = new ServedEmbedding(server.AddTable(Rows, Width, new RowSgd(), Initial));
        server.Resume();
        using (NewDisposeScope())
        {
            var output = embedding.call(tensor(new long[] { 1, 4, 4, 10 + world.Rank }).view(2, 2));
            Assert.That(output.shape, Is.EqualTo(new long[] { 2, 2, Width }));
            (output * (world.Rank + 1)).sum().backward();
        }

        // Not before all have seen the rows as they were.
        server.Settle();
        server.Resume();
        embedding.Push(Rate);
        server.Settle();
        server.Resume();
        using (NewDisposeScope())
        using (no_grad())
        {
            var rows = embedding.call(arange(Rows)).data<float>().ToArray();
            for (var row = 0; row < Rows; row++)
            {
                var slope = Enumerable.Range(0, world.Size).Sum(rank => (rank + 1) * (row == 1 ? 1 : row == 4 ? 2 : row == 10 + rank ? 1 : 0));
                Assert.That(rows.AsSpan(row * Width, Width).ToArray(), Is.EqualTo(Enumerable.Range(0, Width).Select(i => Initial(row, i) - (Rate * slope))).Within(1e-5), $"row {row}");
            }
        }

        server.Settle();
    }

    [RankTest(3)]
    public void Super_nodes_of_unequal_size_get_a_sentence(Intracommunicator world)
        => Assert.That(() => HybridForm.Of(world, 2), Throws.TypeOf<TrainingException>().With.Message.Contains("--parallel hybrid:2 does not divide the 3 ranks"));

    // Layouts have gaps that depend on the ranks.
    private static void CopySlots(FlatModel from, float[] source, FlatModel to, Span<float> target)
    {
        foreach (var (a, b) in from.Slots.Zip(to.Slots))
        {
            source.AsSpan(a.Offset, a.Count).CopyTo(target[b.Offset..]);
        }
    }
}

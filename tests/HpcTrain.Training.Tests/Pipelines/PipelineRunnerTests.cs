using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Pipelines;
using HpcTrain.Testing;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Pipelines;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Pipelines;

/// <summary>What stages train together against one process with the whole model, under every schedule; under both MPIs.</summary>
public sealed class PipelineRunnerTests
{
    private const int Width = 12;
    private const int Classes = 4;
    private const int Steps = 20;
    private const double Rate = 0.02;
    private const double MaxNorm = 0.5;

    [RankTest(1, 2, 3, 4)]
    public void Stages_train_as_one_process_under_every_schedule(Intracommunicator world)
    {
        using var grid = new RankGrid(world, world.Size);
        var expected = Reference(replicas: 1, microBatches: 2 * world.Size);
        foreach (var (name, chunks) in new[] { ("gpipe", 1), ("1f1b", 1), ("interleaved", 2), ("breadth-first", 2), ("zero-bubble", 1) })
        {
            if (name == "interleaved" && world.Size == 1)
            {
                continue;
            }

            foreach (var recompute in new[] { false, true })
            {
                var schedule = PipelineGenerators.Create(name, new(world.Size, 2 * world.Size, chunks));
                AssertTrains(grid, schedule, new() { Recompute = recompute }, expected, $"{schedule}, recompute {recompute}");
            }
        }
    }

    [RankTest(4)]
    public void Replicas_of_stages_train_as_one_process_in_both_orders(Intracommunicator world)
    {
        var expected = Reference(replicas: 2, microBatches: 4);
        foreach (var order in Enum.GetValues<GridOrder>())
        {
            using var grid = new RankGrid(world, 2, order);
            Assert.That((grid.OfReplica.Size, grid.OfStage.Size, grid.OfReplica.Rank, grid.OfStage.Rank), Is.EqualTo((2, 2, grid.Stage, grid.Replica)));
            AssertTrains(grid, PipelineGenerators.Create("1f1b", new(2, 4)), new(), expected, $"{order}");
        }
    }

    [RankTest(2)]
    public void Messages_in_16_bits_train_nearly_as_well(Intracommunicator world)
    {
        using var grid = new RankGrid(world, 2);
        double LastLoss(ElementType wire)
        {
            var schedule = PipelineGenerators.Create("1f1b", new(2, 4));
            using var runner = Make(grid, schedule, new() { Wire = wire });
            var optimizer = new Adam();
            runner.Prepare(optimizer);
            return Enumerable.Range(0, Steps).Select(step => TakeStep(runner, grid, schedule.MicroBatches, step, optimizer)).Last();
        }

        var exact = LastLoss(ElementType.F32);
        foreach (var wire in new[] { ElementType.F16, ElementType.BF16 })
        {
            Assert.That(LastLoss(wire), Is.EqualTo(exact).Within(5).Percent.And.Not.EqualTo(exact), $"{wire}");
        }
    }

    [RankTest(2, 3)]
    public void Ranks_keep_as_many_micro_batches_as_the_schedule_says(Intracommunicator world)
    {
        using var grid = new RankGrid(world, world.Size);
        foreach (var name in new[] { "gpipe", "1f1b", "zero-bubble" })
        {
            var schedule = PipelineGenerators.Create(name, new(world.Size, 6));
            using var runner = Make(grid, schedule, new());
            var optimizer = new Adam();
            runner.Prepare(optimizer);
            TakeStep(runner, grid, schedule.MicroBatches, 0, optimizer);
            Assert.That(runner.Chunks.Values.Single().PeakKept, Is.EqualTo(PipelineChecker.Check(schedule).PeakActivations[grid.Stage]), name);
            Assert.That(runner.Chunks.Values.Single().KeptCount, Is.Zero);
        }
    }

    [RankTest(3)]
    public void Evaluation_goes_forward_only(Intracommunicator world)
    {
        using var grid = new RankGrid(world, 3);
        using var runner = Make(grid, PipelineGenerators.Create("1f1b", new(3, 6)), new());
        var loss = runner.Evaluate(m => Input(0, 0, m), m => Target(0, 0, m));
        using var whole = Sequential([.. Layers().Select(l => (l.Name, l.Make()))]);
        using var quiet = no_grad();
        var expected = Enumerable.Range(0, 6).Average(m => functional.cross_entropy(whole.call(Input(0, 0, m)), Target(0, 0, m)).item<float>());
        Assert.That(loss, Is.EqualTo(expected).Within(1e-6));
        Assert.That(runner.Chunks.Values.Single().PeakKept, Is.Zero, "nothing is kept");
    }

    [RankTest(2)]
    public void Shapes_that_do_not_fit_are_named_on_all_ranks(Intracommunicator world)
    {
        using var grid = new RankGrid(world, 2);
        PipelineLayer[] layers = [new("wide", () => Linear(Width, 30)), new("narrow", () => Linear(31, Classes))];
        var schedule = PipelineGenerators.Create("1f1b", new(2, 2));
        Assert.That(
            () => new PipelineRunner(grid, schedule, new([0, 1, 2], [0, 1]), layers, (o, t) => functional.cross_entropy(o, t), Input(0, 0, 0)),
            Throws.TypeOf<JobException>().With.Message.Contains("rank 1").And.Message.Contains("layer narrow does not take a tensor [6, 30]"));
        Assert.That(
            () => new PipelineRunner(grid, schedule, new([0, 1, 3], [0, 1]), layers, (o, t) => functional.cross_entropy(o, t), Input(0, 0, 0)),
            Throws.TypeOf<TrainingException>().With.Message.Contains("3 layers").And.Message.Contains("2"));
        Assert.That(() => new RankGrid(world, 3), Throws.TypeOf<TrainingException>().With.Message.Contains("2 ranks cannot be replicas of 3 stages"));
    }

    [RankTest(2)]
    public void A_rank_that_stops_is_told_of_within_a_bound(Intracommunicator world)
    {
        using var grid = new RankGrid(world, 2);
        using var runner = Make(grid, PipelineGenerators.Create("1f1b", new(2, 4)), new() { StallTimeout = TimeSpan.FromSeconds(0.3) });
        var optimizer = new Adam();
        runner.Prepare(optimizer);
        if (world.Rank == 1)
        {
            Assert.That(
                () => runner.Step(m => Input(0, 0, m), m => Target(0, 0, m), optimizer, Rate),
                Throws.TypeOf<TrainingException>().With.Message.Contains("stage 1").And.Message.Contains("the activation for forward of micro-batch 0, chunk 1"));
        }

        world.Barrier(); // what rank 1 had posted is taken back when its runner is disposed of
    }

    private static void AssertTrains(RankGrid grid, PipelineSchedule schedule, PipelineOptions options, Dictionary<string, float[]> expected, string what)
    {
        using var runner = Make(grid, schedule, options);
        var optimizer = new Adam();
        runner.Prepare(optimizer);
        for (var step = 0; step < Steps; step++)
        {
            TakeStep(runner, grid, schedule.MicroBatches, step, optimizer);
        }

        foreach (var chunk in runner.Chunks.Values)
        {
            foreach (var slot in chunk.Model?.Slots ?? [])
            {
                var values = chunk.Model!.Values.Slice(slot.Offset, slot.Count).ToArray();
                Assert.That(values, Is.EqualTo(expected[slot.Name]).Within(1e-5 * Math.Max(1, expected[slot.Name].Max(Math.Abs))), $"{what}: {slot.Name}");
            }
        }
    }

    private static double TakeStep(PipelineRunner runner, RankGrid grid, int microBatches, int step, FlatOptimizer optimizer)
    {
        var loss = runner.Step(m => Input(step, grid.Replica, m), m => Target(step, grid.Replica, m), optimizer, Rate, MaxNorm);
        Assert.That(loss, Is.GreaterThan(0).And.LessThan(10), $"{microBatches} micro-batches");
        return loss;
    }

    private static PipelineRunner Make(RankGrid grid, PipelineSchedule schedule, PipelineOptions options)
    {
        var layers = Layers();
        int[] cuts = [.. Enumerable.Range(0, schedule.Chunks + 1).Select(c => c * layers.Count / schedule.Chunks)];
        return new PipelineRunner(grid, schedule, new([.. cuts], schedule.Placement), layers, (output, target) => functional.cross_entropy(output, target), Input(0, 0, 0), options);
    }

    private static Dictionary<string, float[]> Reference(int replicas, int microBatches)
    {
        using var module = Sequential([.. Layers().Select(l => (l.Name, l.Make()))]);
        var optimizer = optim.Adam(module.parameters(), Rate);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var parts = from replica in Enumerable.Range(0, replicas) from m in Enumerable.Range(0, microBatches) select (replica, m);
            foreach (var (replica, m) in parts)
            {
                (functional.cross_entropy(module.call(Input(step, replica, m)), Target(step, replica, m)) / (replicas * microBatches)).backward();
            }

            utils.clip_grad_norm_(module.parameters(), MaxNorm);
            optimizer.step();
        }

        return module.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());
    }

    /// <summary>Eight layers with parameters, each with values of its own whoever makes it, and layers without.</summary>
    private static List<PipelineLayer> Layers()
    {
        var layers = new List<PipelineLayer>();
        for (var i = 0; i < 8; i++)
        {
            var (seed, width) = (100 + i, i == 7 ? Classes : Width);
            layers.Add(new($"linear{i}", () =>
            {
                random.manual_seed(seed);
                return Linear(Width, width);
            }));
            if (i < 7)
            {
                layers.Add(new($"tanh{i}", () => Tanh()));
            }
        }

        return layers;
    }

    private static Tensor Input(int step, int replica, int microBatch)
    {
        var random = new Random((step * 1000) + (replica * 100) + microBatch);
        return tensor(Enumerable.Range(0, 6 * Width).Select(_ => (random.NextSingle() * 2) - 1).ToArray()).view(6, Width);
    }

    private static Tensor Target(int step, int replica, int microBatch)
    {
        using var input = Input(step, replica, microBatch);
        return input.narrow(1, 0, Classes).argmax(1);
    }
}

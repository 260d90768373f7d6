using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>What ranks train together against one rank that has all samples, whichever way the work is divided among them; under both MPIs.</summary>
public sealed class DataParallelStepTests
{
    [RankTest(1, 2, 3, 4)]
    public void K_ranks_train_as_one_however_they_divide_the_work(Intracommunicator world)
    {
        foreach (var options in Ways())
        {
            new SmallTraining().AssertTrainsAsOne(world, options, $"{options}");
        }
    }

    [RankTest(2, 3)]
    public void Batches_that_do_not_divide_micro_batches_and_clipping_train_as_one_too(Intracommunicator world)
    {
        foreach (var options in Ways())
        {
            new SmallTraining { Batch = 22, Accumulate = 3 }.AssertTrainsAsOne(world, options, $"{options}");
            new SmallTraining { Batch = 25, ClipNorm = 0.3 }.AssertTrainsAsOne(world, options, $"{options} clipped");
            new SmallTraining { Batch = 2 }.AssertTrainsAsOne(world, options, $"{options} with ranks that have no samples");
            new SmallTraining { Batch = 7, Accumulate = 4, ClipNorm = 0.5 }.AssertTrainsAsOne(world, options, $"{options} with all of it");
        }
    }

    [RankTest(1, 2, 3)]
    public void Frozen_unused_and_late_parameters_train_as_one_too(Intracommunicator world)
    {
        foreach (var options in Ways())
        {
            new SmallTraining { Make = UnusualModel.Make, Accumulate = 2 }.AssertTrainsAsOne(world, options, $"{options}");
        }
    }

    [RankTest(2, 3)]
    public void Optimizers_with_a_rate_per_layer_train_as_one_too(Intracommunicator world)
    {
        foreach (var options in Ways())
        {
            new SmallTraining { Optimizer = OptimizerKind.Lars, ClipNorm = 1 }.AssertTrainsAsOne(world, options, $"{options}, LARS");
            new SmallTraining { Optimizer = OptimizerKind.Lamb }.AssertTrainsAsOne(world, options, $"{options}, LAMB");
        }
    }

    [RankTest(2, 3)]
    public void Named_algorithms_train_as_one_too(Intracommunicator world)
    {
        foreach (var algorithm in new[] { "ring", "halving-doubling", "recursive-doubling" })
        {
            new SmallTraining().AssertTrainsAsOne(world, new() { Collectives = new CollectiveOptions { Algorithm = algorithm } }, algorithm);
        }
    }

    [RankTest(2, 3)]
    public void Compressed_gradients_give_the_same_bits_however_the_work_is_divided(Intracommunicator world)
    {
        foreach (var name in new[] { "bf16", "int8", "top-k:0.1", "powersgd:2" })
        {
            float[] Train(StepSharding sharding, bool overlap) => new SmallTraining { Accumulate = 2 }.Run(
                world, new() { Reduction = ReductionText.Parse(name, seed: 1), Sharding = sharding, Overlap = overlap, BucketBytes = 1024 });

            var expected = Train(StepSharding.Never, overlap: false);
            Assert.That(Train(StepSharding.Never, overlap: true), Is.EqualTo(expected), $"{name}, overlapped");
            Assert.That(Train(StepSharding.Always, overlap: true), Is.EqualTo(expected), $"{name}, sharded");
        }
    }

    [RankTest(2, 3, Flavors = [MpiFlavor.OpenMpi])]
    public void After_1000_steps_all_ranks_have_the_same_bits_and_so_has_another_run(Intracommunicator world)
    {
        foreach (var options in Ways().Where(w => w.Sharding == StepSharding.Auto || (w.Sharding == StepSharding.Always && w.Overlap == true)))
        {
            var training = new SmallTraining { Batch = 5, Steps = 1000 };
            var once = training.Run(world, options); // which checks all ranks
            Assert.That(training.Run(world, options), Is.EqualTo(once), $"{options}");
        }
    }

    [RankTest(2)]
    public void The_norm_before_clipping_is_told(Intracommunicator world)
    {
        foreach (var options in Ways())
        {
            using var module = TorchSharp.torch.nn.Linear(3, 2);
            using var replicas = new DataParallel(module, world, options);
            var optimizer = new Sgd();
            replicas.Prepare(optimizer);
            using var scope = TorchSharp.torch.NewDisposeScope();
            var before = SmallTraining.Values(module);
            world.Barrier();
            replicas.Backward(module.call(TorchSharp.torch.ones(1, 3)).sum()); // a gradient of 1 for each of 8 parameters on both ranks
            replicas.Step(optimizer, 1, maxNorm: 1);
            Assert.That(replicas.GradientNorm, Is.EqualTo(2 * Math.Sqrt(8)).Within(1e-6), $"{options}");
            Assert.That(SmallTraining.Values(module), Is.EqualTo(before.Select(v => v - (1 / MathF.Sqrt(8)))).Within(1e-5), $"{options}");
        }
    }

    /// <summary>
    /// All ways: who steps what, with memory that ranks share and without, overlapped or not, in many buckets. Left out is what comes to the same: <c>Auto</c> is <c>Always</c> with such memory, and
    /// <c>Never</c> without.
    /// </summary>
    private static IEnumerable<DataParallelOptions> Ways()
        => from sharding in Enum.GetValues<StepSharding>()
           from isShared in new[] { true, false }
           from overlap in new[] { true, false }
           where isShared ? sharding != StepSharding.Always : sharding != StepSharding.Auto
           select new DataParallelOptions { Sharding = sharding, Overlap = overlap, Communicator = new() { SharesMemory = isShared }, BucketBytes = 1024 };
}

using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

public sealed class MixedPrecisionTests
{
    [Test]
    public void Products_compute_in_16_bits_and_the_rest_in_f32()
    {
        using var module = Sequential(("conv", Conv2d(1, 3, 3)), ("norm", BatchNorm2d(3)), ("flat", Flatten()), ("linear", Linear(3 * 36, 5)));
        var before = module.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());
        using var model = new FlatModel(module, precision: ComputePrecision.BF16);

        var types = module.named_parameters().ToDictionary(p => p.name, p => p.parameter.dtype);
        Assert.That(types["conv.weight"], Is.EqualTo(ScalarType.BFloat16));
        Assert.That(types["linear.bias"], Is.EqualTo(ScalarType.BFloat16));
        Assert.That(types["norm.weight"], Is.EqualTo(ScalarType.Float32));
        foreach (var slot in model.Slots)
        {
            Assert.That(model.Values.Slice(slot.Offset, slot.Count).ToArray(), Is.EqualTo(before[slot.Name]), "f32 copies are not rounded");
        }

        using var scope = NewDisposeScope();
        var collector = new GradientCollector(model);
        float[] Gradients()
        {
            collector.Begin(first: true);
            module.call(ones(2, 1, 8, 8)).square().sum().backward();
            for (var slot = 0; slot < model.Slots.Count; slot++)
            {
                collector.Finish(slot);
            }

            return model.Gradients.ToArray();
        }

        Assert.That(module.call(ones(2, 1, 8, 8)).dtype, Is.EqualTo(ScalarType.Float32));
        var gradients = Gradients();
        Assert.That(gradients, Has.Some.Not.Zero.And.All.Matches<float>(float.IsFinite));
        model.Values.Clear();
        Assert.That(module.get_parameter("linear.weight")!.to(ScalarType.Float32).data<float>().ToArray(), Has.Some.Not.Zero, "not yet");
        model.Refresh();
        Assert.That(module.get_parameter("linear.weight")!.to(ScalarType.Float32).data<float>().ToArray(), Is.All.Zero);
    }

    [Test]
    public void What_cannot_compute_in_16_bits_is_said()
    {
        using var shared = Linear(4, 4);
        using var tied = Sequential(("a", shared), ("b", new Tied((TorchSharp.Modules.Linear)shared)));
        Assert.That(() => new FlatModel(tied, precision: ComputePrecision.BF16), Throws.TypeOf<TrainingException>().With.Message.Contains("--precision f32"));
        try
        {
            using var half = Linear(2, 2);
            using var model = new FlatModel(half, precision: ComputePrecision.F16);
            Assert.That(half.weight!.dtype, Is.EqualTo(ScalarType.Float16), "libtorch has f16 products here");
        }
        catch (TrainingException e)
        {
            Assert.That(e.Message, Does.Contain("Float16").And.Contain("--precision bf16"));
        }
    }

    [RankTest(1, 2, 3)]
    public void Replicas_in_16_bits_learn_as_those_in_f32_do(Intracommunicator world)
    {
        foreach (var sharding in Enum.GetValues<StepSharding>())
        {
            var training = new SmallTraining { Steps = 30 };
            var options = new DataParallelOptions { Precision = ComputePrecision.BF16, Sharding = sharding, Overlap = true, BucketBytes = 1024 };
            var (half, single) = (training.Run(world, options), training.Expected());
            var start = SmallTraining.Values(training.Make());
            double Distance(float[] from, float[] to) => Math.Sqrt(from.Zip(to, (a, b) => (double)(a - b) * (a - b)).Sum());
            Assert.That(Distance(half, single), Is.LessThan(0.05 * Distance(start, single)), $"{sharding}: the way that was gone, rounding apart");
        }
    }

    [RankTest(1, 2, 3)]
    public void A_loss_scale_that_is_a_power_of_two_changes_no_bit(Intracommunicator world)
    {
        var training = new SmallTraining();
        var options = new DataParallelOptions { Sharding = StepSharding.Never };
        Assert.That(training.Run(world, options with { LossScaling = new LossScaling(1024, isDynamic: false) }), Is.EqualTo(training.Run(world, options)));
    }

    [RankTest(1, 2, 3)]
    public void A_step_that_overflows_on_one_rank_is_left_out_on_all(Intracommunicator world)
    {
        foreach (var sharding in Enum.GetValues<StepSharding>())
        {
            using var module = SmallTraining.Plain(seed: 1);
            var scaling = new LossScaling(4);
            using var replicas = new DataParallel(module, world, new() { LossScaling = scaling, Sharding = sharding });
            var optimizer = new Adam();
            replicas.Prepare(optimizer);
            var before = SmallTraining.Values(module);
            world.Barrier();

            bool Step(float factor)
            {
                using var scope = NewDisposeScope();
                replicas.Backward(module.call(ones(2, SmallTraining.Features)).sum() * (world.Rank == world.Size - 1 ? factor : 1));
                return replicas.Step(optimizer, 0.1);
            }

            Assert.That(Step(float.PositiveInfinity), Is.False);
            Assert.That(SmallTraining.Values(module), Is.EqualTo(before));
            Assert.That((scaling.Scale, scaling.Skipped, optimizer.Steps), Is.EqualTo((2.0, 1L, 0L)));
            Assert.That(Step(1), Is.True);
            Assert.That((scaling.Scale, scaling.StepsAtScale, optimizer.Steps), Is.EqualTo((2.0, 1, 1L)));
            Assert.That(SmallTraining.Values(module), Is.Not.EqualTo(before));
        }
    }

    [Test]
    public void A_dynamic_scale_doubles_after_many_steps_and_has_limits()
    {
        var scaling = new LossScaling();
        for (var step = 0; step < LossScaling.GrowthInterval; step++)
        {
            scaling.Stepped(areFinite: true);
        }

        Assert.That((scaling.Scale, scaling.StepsAtScale), Is.EqualTo((2 * LossScaling.FirstScale, 0)));
        for (var step = 0; step < 100; step++)
        {
            scaling.Stepped(areFinite: false);
        }

        Assert.That((scaling.Scale, scaling.Skipped), Is.EqualTo((1.0, 100L)));
        var constant = new LossScaling(8, isDynamic: false);
        constant.Stepped(areFinite: false);
        Assert.That((constant.Scale, constant.Skipped), Is.EqualTo((8.0, 1L)));
    }

    /// <summary>Uses another layer's weight.</summary>
    private sealed class Tied : Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter _weight;

        public Tied(TorchSharp.Modules.Linear other)
            : base(nameof(Tied))
        {
            _weight = other.weight!;
            register_parameter("weight", _weight);
        }

        public override Tensor forward(Tensor input) => input.matmul(_weight);
    }
}

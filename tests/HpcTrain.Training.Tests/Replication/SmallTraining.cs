using HpcTrain.Mpi;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

/// <summary>A training that takes milliseconds, by replicas and, sharing nothing with them, by plain tensor arithmetic on one rank.</summary>
internal sealed record SmallTraining
{
    public const int Features = 20;
    public const int Classes = 5;
    private const double Rate = 0.1;
    private const double Momentum = 0.9;
    private const double Decay = 1e-3;
    private const double Coefficient = 0.2;

    /// <summary>Samples per step over all ranks and micro-batches.</summary>
    public int Batch { get; init; } = 24;

    /// <summary>Micro-batches per step.</summary>
    public int Accumulate { get; init; } = 1;

    public double? ClipNorm { get; init; }

    public int Steps { get; init; } = 8;

    /// <summary>The step of the first batch.</summary>
    public int First { get; init; }

    public OptimizerKind Optimizer { get; init; }

    public Func<Module<Tensor, Tensor>> Make { get; init; } = () => Plain(seed: 42);

    /// <summary>Trains this rank's replica.</summary>
    /// <returns>Its parameters, in the order of the module.</returns>
    public float[] Run(Intracommunicator world, DataParallelOptions options)
    {
        using var module = Make();
        using var replicas = new DataParallel(module, world, options);
        FlatOptimizer optimizer = Optimizer switch
        {
            OptimizerKind.Lars => new Lars(Momentum, Decay, Coefficient),
            OptimizerKind.Lamb => new Lamb(weightDecay: Decay),
            _ => new Sgd(Momentum, Decay),
        };
        replicas.Prepare(optimizer);
        Run(world, module, replicas, optimizer);
        replicas.CheckEqual();
        return Values(module);
    }

    /// <summary>Takes the steps.</summary>
    public void Run(Intracommunicator world, Module<Tensor, Tensor> module, DataParallel replicas, FlatOptimizer optimizer)
    {
        for (var step = First; step < First + Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Data(step);
            for (var micro = 0; micro < Accumulate; micro++)
            {
                // Micro-batch by micro-batch, each divided among the ranks; the first ranks have the samples that are left over.
                var (begin, size) = Part(Batch, Accumulate, micro);
                var (first, mine) = Part(size, world.Size, world.Rank);
                if (mine == 0)
                {
                    replicas.WithoutSamples();
                    continue;
                }

                var loss = functional.cross_entropy(module.call(input.narrow(0, begin + first, mine)), target.narrow(0, begin + first, mine));
                replicas.Backward(loss * DataParallel.LossWeight(mine, Batch), last: micro == Accumulate - 1);
            }

            replicas.Step(optimizer, Rate, ClipNorm);
        }
    }

    /// <summary>Takes the steps in any way of working together; ranks that have no part of the batch by <paramref name="works"/> take part without samples.</summary>
    public void Train(Intracommunicator world, Module<Tensor, Tensor> module, ITrainingParallelism replicas, FlatOptimizer optimizer, Func<int, bool>? works = null, double rate = Rate)
    {
        for (var step = First; step < First + Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Data(step);
            var (first, mine) = Part(Batch, world.Size, world.Rank);
            if (mine == 0 || works?.Invoke(step) == false)
            {
                replicas.WithoutSamples();
            }
            else
            {
                replicas.Backward(functional.cross_entropy(module.call(input.narrow(0, first, mine)), target.narrow(0, first, mine)), mine, Batch, last: true);
            }

            replicas.FinishBackward(ClipNorm);
            replicas.Step(optimizer, rate, ClipNorm);
            replicas.Publish();
        }
    }

    /// <summary>The mean loss over the samples of some steps.</summary>
    public double Loss(Module<Tensor, Tensor> module)
    {
        using var quiet = no_grad();
        return Enumerable.Range(First, Steps).Average(step =>
        {
            using var scope = NewDisposeScope();
            var (input, target) = Data(step);
            return functional.cross_entropy(module.call(input), target).item<float>();
        });
    }

    /// <summary>The parameters that the training should end with.</summary>
    public float[] Expected()
    {
        using var module = Make();
        var parameters = module.parameters().Where(p => p.requires_grad).ToList();
        var momenta = parameters.Select(p => zeros_like(p)).ToList();
        var squares = parameters.Select(p => zeros_like(p)).ToList();
        for (var step = First; step < First + Steps; step++)
        {
            using var scope = NewDisposeScope();
            var (input, target) = Data(step);
            functional.cross_entropy(module.call(input), target).backward();
            using var quiet = no_grad();
            var gradients = parameters.Select(p => p.grad is { } g ? g.clone() : zeros_like(p)).ToList();
            var norm = Math.Sqrt(gradients.Sum(g => g.to(float64).square().sum().item<double>()));
            var scale = ClipNorm is { } limit && norm > limit ? limit / (norm + 1e-6) : 1;
            for (var i = 0; i < parameters.Count; i++)
            {
                Update(parameters[i], gradients[i] * scale, momenta[i], squares[i], step - First + 1);
                parameters[i].grad = null;
            }
        }

        return Values(module);
    }

    /// <summary>Checks that replicas end where the reference does, rounding apart.</summary>
    public void AssertTrainsAsOne(Intracommunicator world, DataParallelOptions options, string what)
    {
        var expected = Expected();
        Assert.That(Run(world, options), Is.EqualTo(expected).Within(1e-4 * expected.Max(Math.Abs)), what);
    }

    /// <summary>Two layers.</summary>
    public static Module<Tensor, Tensor> Plain(long seed)
    {
        random.manual_seed(seed);
        return Sequential(("a", Linear(Features, 32)), ("relu", ReLU()), ("b", Linear(32, Classes)));
    }

    /// <summary>A module's parameters, one after the other.</summary>
    public static float[] Values(Module module) => [.. module.parameters().SelectMany(p => p.to(ScalarType.Float32).data<float>().ToArray())];

    private void Update(Tensor parameter, Tensor gradient, Tensor first, Tensor second, int step)
    {
        var decay = Optimizer == OptimizerKind.Sgd || parameter.dim() > 1 ? Decay : 0;
        switch (Optimizer)
        {
            case OptimizerKind.Lars:
                var (length, slope) = (parameter.norm().item<float>(), gradient.norm().item<float>());
                var trust = parameter.dim() > 1 && length > 0 && slope > 0 ? Coefficient * length / (slope + (decay * length)) : 1;
                first.mul_(Momentum).add_((gradient + (parameter * decay)) * (Rate * trust));
                parameter.sub_(first);
                break;

            case OptimizerKind.Lamb:
                first.mul_(0.9).add_(gradient * 0.1);
                second.mul_(0.999).add_(gradient.square() * 0.001);
                var update = (first / (1 - Math.Pow(0.9, step)) / ((second / (1 - Math.Pow(0.999, step))).sqrt() + 1e-6)) + (parameter * decay);
                var (size, way) = (parameter.norm().item<float>(), update.norm().item<float>());
                parameter.sub_(update * (Rate * (parameter.dim() > 1 && size > 0 && way > 0 ? size / way : 1)));
                break;

            default:
                first.mul_(Momentum).add_(gradient + (parameter * decay));
                parameter.sub_(first * Rate);
                break;
        }
    }

    private (Tensor Input, Tensor Target) Data(int step)
    {
        var random = new Random(step);
        var target = Enumerable.Range(0, Batch).Select(_ => (long)random.Next(Classes)).ToArray();
        var input = Enumerable.Range(0, Batch * Features)
            .Select(i => (random.NextSingle() * 2) - 1 + (i % Features / (Features / Classes) == target[i / Features] ? 0.5f : 0f)).ToArray();
        return (tensor(input).view(Batch, Features), tensor(target));
    }

    private static (int First, int Count) Part(int size, int parts, int part)
        => ((size / parts * part) + Math.Min(part, size % parts), (size / parts) + (part < size % parts ? 1 : 0));
}
